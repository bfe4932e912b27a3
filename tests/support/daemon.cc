// SPDX-License-Identifier: MIT
#include "support/daemon.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "support/descriptor.h"

namespace prh::test {
namespace {

std::vector<std::string> command_line(const std::string& program, const std::string& socket,
                                      const std::vector<std::string>& arguments) {
    std::vector<std::string> line{built(program), "-k", socket};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return line;
}

}  // namespace

int null_device() {
    static const Descriptor null("/dev/null");
    return null.get();
}

std::string ask(RawClient& client) {
    const auto reply = client.request(pr_in(0, 24), null_device());
    return reply ? reply->brief() : "nothing";
}

std::string ask(const std::string& socket) {
    RawClient client;
    return client.open(socket) ? ask(client) : "nothing";
}

Daemon::Daemon(const std::vector<std::string>& arguments, const ProcessOptions& options,
               const std::string& program)
    : socket_(directory_ / "socket"), process_(command_line(program, socket_, arguments), options) {
    const bool there = eventually([&] { return exists(socket_) || !process_.running(); });
    EXPECT_TRUE(there && exists(socket_)) << "it does not serve: " << process_.err();
}

RawClient Daemon::connect() const {
    RawClient client;
    EXPECT_TRUE(client.open(socket_)) << "nobody answers at " << socket_;
    return client;
}

int Daemon::end(int signal) {
    process_.signal(signal);
    return process_.wait().value_or(-1);
}

int Daemon::end() { return end(SIGTERM); }

}  // namespace prh::test
