// SPDX-License-Identifier: MIT
#include "support/other_process.h"

#include <gtest/gtest.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace prh::test {
namespace {

constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path);

int receive_descriptor(int socket) {
    char byte;
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    int descriptor = -1;
    if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1) return -1;
    if (const cmsghdr* const header = CMSG_FIRSTHDR(&message))
        std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

[[noreturn]] void obey(int orders) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    RawClient answers = RawClient::adopt(orders);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    while (::recv(orders, address.sun_path, kLongestPath, 0) > 0) {
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool there =
            ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        answers.send_bytes(Bytes(1), there ? std::vector<int>{socket} : std::vector<int>{});
        ::close(socket);
    }
    ::_exit(0);
}

/// fork(2) with a process id of our choice, or any if it is 0.
pid_t fork_as(pid_t number) {
    if (number == 0) return ::fork();
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.set_tid = reinterpret_cast<std::uint64_t>(&number);
    arguments.set_tid_size = 1;
    return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace

OtherProcess::OtherProcess(const std::function<void()>& become, pid_t number) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_ = fork_as(number);
    // What is not there must not be ended: kill(-1) ends every process of the machine.
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "a process for a test");
    if (pid_ == 0) {
        // Connections of the test are to end when the test closes them.
        ::close_range(3, static_cast<unsigned>(ends[1]) - 1, 0);
        ::close_range(static_cast<unsigned>(ends[1]) + 1, ~0U, 0);
        become();
        obey(ends[1]);
    }
    ::close(ends[1]);
    orders_ = Descriptor(ends[0]);
}

OtherProcess::~OtherProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

RawClient OtherProcess::connect(const std::string& path) {
    char order[kLongestPath]{};
    path.copy(order, sizeof order - 1);
    EXPECT_EQ(::send(orders_.get(), order, sizeof order, MSG_NOSIGNAL), static_cast<ssize_t>(sizeof order));
    return RawClient::adopt(receive_descriptor(orders_.get()));
}

RawClient OtherProcess::open(const std::string& path) {
    RawClient client = connect(path);
    EXPECT_TRUE(client.handshake());
    return client;
}

}  // namespace prh::test
