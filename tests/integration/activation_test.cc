// SPDX-License-Identifier: MIT
// Socket activation (sd_listen_fds(3)): the listening socket is passed as descriptor 3 and stays systemd's.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/background_daemon.h"
#include "support/daemon.h"
#include "support/environment.h"
#include "support/lingering_socket.h"
#include "support/listening_socket.h"

namespace prh::test {
namespace {

const std::string kProgram = built("qemu-pr-helper");

class Activation : public ::testing::Test {
  protected:
    void expect_failure(const Process& started, const std::string& message) {
        auto& process = const_cast<Process&>(started);
        EXPECT_EQ(process.wait(), 1);
        EXPECT_EQ(process.err(), "qemu-pr-helper: " + message + "\n");
        EXPECT_TRUE(exists(socket_));
    }
    void expect_failure_with(const Descriptor& descriptor, const std::string& message) {
        expect_failure(Process({kProgram}, activated_by(descriptor)), message);
    }
    /// LISTEN_FDS is ignored, so -k is allowed and is what counts.
    void expect_ignored(const ProcessOptions& options) {
        const std::string own = directory_ / "own";
        Process process({kProgram, "-k", own}, options);
        EXPECT_TRUE(eventually([&] { return ask(own) == kNoDevice || !process.running(); })) << process.err();
        process.signal(SIGTERM);
        EXPECT_EQ(process.wait(), 0) << process.err();
        EXPECT_FALSE(exists(own));
    }

    TemporaryDirectory directory_;
    const std::string socket_ = directory_ / "socket";
    const Descriptor listener_ = listening_socket(socket_);
};

TEST_F(Activation, ServesOnThePassedSocketAndLeavesItAlone) {
    Process process({kProgram}, activated_by(listener_));
    EXPECT_EQ(ask(socket_), kNoDevice);
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
    EXPECT_TRUE(exists(socket_));
    RawClient client;
    EXPECT_TRUE(client.connect(socket_)) << "it still listens, for the next instance";
}

TEST_F(Activation, WorksInTheBackground) {
    const Orphanage orphanage;
    const std::string pid_file = directory_ / "pid";
    Process starter({kProgram, "-d", "-f", pid_file}, activated_by(listener_));
    ASSERT_EQ(starter.wait(), 0) << starter.err();
    BackgroundDaemon daemon(pid_file);
    EXPECT_EQ(ask(socket_), kNoDevice);
    EXPECT_EQ(daemon.end(SIGTERM), 0);
    EXPECT_TRUE(exists(socket_));
}

TEST_F(Activation, WhoWaitsAtTheEndIsLeftToTheNextInstance) {
    auto first = std::make_unique<Process>(std::vector<std::string>{kProgram}, activated_by(listener_));
    RawClient slow;
    ASSERT_TRUE(slow.open(socket_));
    RawClient idle;
    ASSERT_TRUE(idle.open(socket_));
    LingeringSocket in_flight;
    ASSERT_TRUE(slow.send_bytes({0x5E}, {in_flight.descriptor()}));
    in_flight.leave_it_to_others();
    ASSERT_TRUE(slow.send_bytes(Bytes(15)));
    first->signal(SIGTERM);
    ASSERT_TRUE(idle.closed_by_peer()) << "by now it is ending";

    std::vector<RawClient> waiting(5);
    for (RawClient& client : waiting) {
        ASSERT_TRUE(client.connect(socket_));
        ASSERT_TRUE(client.send_bytes(Bytes(4)));  // its half of the handshake
    }
    in_flight.release();
    EXPECT_TRUE(slow.read_reply());
    EXPECT_EQ(first->wait(), 0);

    Process second({kProgram}, activated_by(listener_));
    for (RawClient& client : waiting) {
        ASSERT_TRUE(client.read_bytes(4));
        EXPECT_EQ(ask(client), kNoDevice);
    }
}

TEST_F(Activation, RestartsUnderLoadLoseNobodyWhoConnectsOnly) {
    for (int i = 0; i < 5; ++i) {
        Process process({kProgram}, activated_by(listener_));
        EXPECT_EQ(ask(socket_), kNoDevice);
        process.signal(SIGTERM);
        EXPECT_EQ(process.wait(), 0);
    }
}

TEST_F(Activation, PassedCredentialsDoNotHideDescriptors) {
    const int on = 1;  // systemd.socket(5), PassCredentials= and PassSecurity=
    ASSERT_EQ(::setsockopt(listener_.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_PASSSEC, &on, sizeof on);
    Process process({kProgram}, activated_by(listener_));
    EXPECT_EQ(ask(socket_), kNoDevice);
}

TEST_F(Activation, BothASocketAndAPathAreTooMuch) {
    expect_failure(Process({kProgram, "-k", directory_ / "own"}, activated_by(listener_)),
                   "Unix socket can't be set when using socket activation");
    EXPECT_FALSE(exists(directory_ / "own"));
}

TEST_F(Activation, TwoSocketsAreTooMany) {
    ProcessOptions options = activated_by(listener_);
    options.environment["LISTEN_FDS"] = "2";
    options.descriptors.emplace_back(listener_.get(), 4);
    expect_failure(Process({kProgram}, options),
                   kProgram + " does not support socket activation with LISTEN_FDS > 1");
}

TEST_F(Activation, WhatIsNoSocketForUsIsNamed) {
    const std::string failed = "Failed to use socket activation: ";
    expect_failure_with(Descriptor("/dev/null"),
                        failed +
                            "Unable to query remote socket address: Socket operation "
                            "on non-socket");
    expect_failure_with(bound_socket(directory_ / "datagram", SOCK_DGRAM),
                        failed + "file descriptor 3 is no unix stream socket");
    expect_failure_with(bound_socket(directory_ / "packet", SOCK_SEQPACKET),
                        failed + "file descriptor 3 is no unix stream socket");
    expect_failure_with(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
                        failed + "file descriptor 3 is no unix stream socket");
    const std::string no_listener =
        failed + "file descriptor 3 does not listen (use Accept=no in the socket unit)";
    expect_failure_with(bound_socket(directory_ / "silent"), no_listener);
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const Descriptor one(pair[0]), other(pair[1]);
    expect_failure_with(one, no_listener);
}

TEST_F(Activation, ClosedDescriptorIsNamed) {
    ProcessOptions options;
    options.environment = {{"LISTEN_FDS", "1"}, {"LISTEN_PID", "$PID"}};
    options.before_exec = [] { ::close(3); };
    expect_failure(Process({kProgram}, options),
                   "Socket activation failed: invalid file descriptor fd = 3: Bad file descriptor");
}

TEST_F(Activation, ImpossibleNumbersAreRefused) {
    for (const char* number : {"-1", "-2147483648", "99999999999", "2147483647"}) {
        ProcessOptions options = activated_by(listener_);
        options.environment["LISTEN_FDS"] = number;
        expect_failure(Process({kProgram}, options), std::string("Socket activation failed: LISTEN_FDS=") +
                                                         number + " is no number of file descriptors");
    }
}

TEST_F(Activation, IsIgnoredWhereItIsNotMeantForUs) {
    ProcessOptions options = activated_by(listener_);
    for (const char* number : {"0", "", "one", "1x", " 1", "99999999999999999999999"}) {
        options.environment["LISTEN_FDS"] = number;
        expect_ignored(options);
    }
    options = activated_by(listener_);
    for (const char* pid : {"1", "", "0", "x", "-1", "99999999999999999999999"}) {
        options.environment["LISTEN_PID"] = pid;
        expect_ignored(options);
    }
}

TEST_F(Activation, BySystemdSocketActivate) {
    const std::string tool = "/usr/bin/systemd-socket-activate";
    if (!exists(tool)) PRH_CANNOT_RUN("systemd-socket-activate (package systemd) is missing");
    const std::string path = directory_ / "activated";
    Process process({tool, "-l", path, kProgram, "-v"});
    ASSERT_TRUE(eventually([&] { return exists(path) || !process.running(); })) << process.err();
    EXPECT_TRUE(eventually([&] { return ask(path) == kNoDevice; })) << process.err();
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0) << process.err();
    EXPECT_TRUE(exists(path));
}

}  // namespace
}  // namespace prh::test
