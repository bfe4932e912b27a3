// SPDX-License-Identifier: MIT
#include "stuck_clients.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "base/unique_fd.h"
#include "support/process.h"
#include "support/raw_client.h"

namespace prh::bench {
namespace {

constexpr int kPatience = 60;             // seconds for one client more to have sent its request
constexpr int kLongerThanAnyStudy = 600;  // seconds

[[noreturn]] void be_a_client(const std::string& socket, int device, int sent) {
    test::RawClient client;
    client.set_timeout(kLongerThanAnyStudy);
    const char byte = 0;
    if (client.open(socket) && client.send_request(test::pr_in(0, 4096), device) &&
        ::write(sent, &byte, 1) == 1)
        client.read_reply();
    ::_exit(0);
}

}  // namespace

StuckClients::StuckClients(const std::string& socket, int device, std::size_t count) : count_(count) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const UniqueFd heard(ends[0]), sent(ends[1]);
    for (std::size_t i = 0; i < count; ++i) {
        const pid_t pid = ::fork();
        if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
        if (pid == 0) be_a_client(socket, device, sent.get());
        left_.push_back(pid);
    }
    char byte;
    for (std::size_t i = 0; i < count; ++i) {
        pollfd ready{heard.get(), POLLIN, 0};
        if (::poll(&ready, 1, kPatience * 1000) != 1 || ::read(heard.get(), &byte, 1) != 1)
            throw std::runtime_error("a client could not send its request");
    }
}

StuckClients::~StuckClients() {
    for (const pid_t pid : left_) ::kill(pid, SIGKILL);
    for (const pid_t pid : left_) ::waitpid(pid, nullptr, 0);
}

std::size_t StuckClients::gone() {
    std::erase_if(left_, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) == pid; });
    return count_ - left_.size();
}

bool StuckClients::all_gone_within(int seconds) {
    return test::eventually([&] { return gone() == count_; }, seconds);
}

}  // namespace prh::bench
