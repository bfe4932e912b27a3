// SPDX-License-Identifier: MIT
// What libvirt relies on (src/qemu/qemu_process.c, qemuProcessStartManagedPRDaemon): exactly "-k PATH", the
// started process itself serves, one line on stderr if it dies, and stderr closed behind its back.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "support/daemon.h"
#include "support/datagram_receiver.h"
#include "support/environment.h"
#include "support/private_namespace.h"

namespace prh::test {
namespace {

void violate(const std::string& socket) {
    RawClient client;
    ASSERT_TRUE(client.open(socket));
    client.send_bytes(Bytes(16));
    EXPECT_TRUE(client.closed_by_peer());
}

constexpr char kComplaint[] = "No file descriptor in request.";

TEST(Libvirt, TheStartedProcessItselfServes) {
    Daemon daemon;
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_TRUE(daemon.process().running());
    RawClient client = daemon.connect();
    ucred peer{};
    socklen_t size = sizeof peer;
    ASSERT_EQ(::getsockopt(client.fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
    EXPECT_EQ(peer.pid, daemon.pid());
    EXPECT_EQ(::getpgid(daemon.pid()), ::getpgid(0)) << "it left our process group";
}

TEST(Libvirt, NothingButTheSocketIsMade) {
    Daemon daemon;
    struct stat status {};
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(::lstat((daemon.directory() / "socket").c_str(), &status), 0);
    ASSERT_EQ(::stat(daemon.directory().path().c_str(), &status), 0);
    EXPECT_EQ(status.st_nlink, 2U) << "a directory was made";
}

TEST(Libvirt, DiesWithOneLineThatAPersonUnderstands) {
    Process process({built("qemu-pr-helper"), "-k", "/no/such/directory/socket"});
    EXPECT_EQ(process.wait(), 1);
    EXPECT_EQ(
        process.err(),
        "qemu-pr-helper: Failed to bind socket to /no/such/directory/socket: No such file or directory\n");
}

TEST(Libvirt, ClosingItsStderrDoesNotEndIt) {
    Daemon daemon;
    daemon.process().stop_reading_stderr();
    for (int i = 0; i < 100; ++i) violate(daemon.socket());
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Libvirt, ClosingItsStderrAtOnceDoesNotEndIt) {
    ProcessOptions options;
    options.close_stderr_reader = true;
    Daemon daemon({}, options);
    violate(daemon.socket());
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Libvirt, AStderrThatNobodyReadsHoldsNothingUp) {
    Daemon daemon({"-T", "*"});
    RawClient client = daemon.connect();
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(ask(client), kNoDevice);  // several times the pipe's 64 KiB
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Libvirt, StandardDescriptorsThatAreClosedAreNotMixedUpWithClients) {
    ProcessOptions options;
    options.before_exec = [] {
        for (const int standard : {0, 1, 2}) ::close(standard);
    };
    Daemon daemon({"-T", "*"}, options);
    std::vector<RawClient> clients(4);
    for (RawClient& client : clients) {
        ASSERT_TRUE(client.open(daemon.socket()));
        EXPECT_EQ(client.server_features(), 1U) << "a log line went to a client";
        EXPECT_EQ(ask(client), kNoDevice);
    }
    violate(daemon.socket());
    for (RawClient& client : clients) EXPECT_EQ(ask(client), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

/// A daemon whose /dev and /run are the test's; its files under /tmp are shared.
class SystemLog : public ::testing::TestWithParam<LogPlace> {
  protected:
    void SetUp() override {
        if (!can_have_private_namespace()) PRH_CANNOT_RUN("no mount namespace can be had");
    }
    ProcessOptions options() const {
        ProcessOptions options;
        options.before_exec = in_private_namespace(log_path_, GetParam());
        return options;
    }

    TemporaryDirectory directory_;
    const std::string log_path_ = directory_ / "log";
};

TEST_P(SystemLog, GetsTheDiagnosticsWhenStderrIsGone) {
    DatagramReceiver log(log_path_);
    Daemon daemon({}, options());
    violate(daemon.socket());
    EXPECT_TRUE(daemon.process().err_contains(kComplaint));
    EXPECT_EQ(log.messages().size(), 0U) << "while somebody reads stderr, they are there";
    daemon.process().stop_reading_stderr();
    violate(daemon.socket());
    EXPECT_TRUE(log.receives(kComplaint));
    // RFC 3164, facility daemon (3), severity notice (5)
    EXPECT_EQ(
        log.messages()[0].rfind("<29>qemu-pr-helper[" + std::to_string(daemon.pid()) + "]: " + kComplaint, 0),
        0U)
        << log.messages()[0];
    EXPECT_EQ(daemon.end(), 0);
}

TEST_P(SystemLog, GetsTheDiagnosticsOfAProgramThatIsStartedWithoutStderr) {
    DatagramReceiver log(log_path_);
    ProcessOptions without_stderr = options();
    without_stderr.before_exec = [enter = without_stderr.before_exec] {
        enter();
        ::close(2);
    };
    Daemon daemon({}, without_stderr);
    violate(daemon.socket());
    EXPECT_TRUE(log.receives(kComplaint));
    EXPECT_EQ(daemon.end(), 0);
}

TEST_P(SystemLog, RestartedGetsWhatComesAfterwards) {
    auto log = std::make_unique<DatagramReceiver>(log_path_);
    ProcessOptions without_stderr = options();
    without_stderr.close_stderr_reader = true;
    Daemon daemon({}, without_stderr);
    violate(daemon.socket());
    EXPECT_TRUE(log->receives(kComplaint));
    log.reset();
    ::unlink(log_path_.c_str());
    violate(daemon.socket());  // nobody takes it
    log = std::make_unique<DatagramReceiver>(log_path_);
    violate(daemon.socket());
    EXPECT_TRUE(log->receives(kComplaint));
    EXPECT_TRUE(log->receives("1 messages could not be written"));
    EXPECT_EQ(daemon.end(), 0);
}

TEST_P(SystemLog, ThatComesLateIsFound) {
    ProcessOptions without_stderr = options();
    without_stderr.close_stderr_reader = true;
    Daemon daemon({}, without_stderr);
    violate(daemon.socket());
    EXPECT_EQ(daemon.ask(), kNoDevice);
    DatagramReceiver log(log_path_);
    violate(daemon.socket());
    EXPECT_TRUE(log.receives(kComplaint));
    EXPECT_EQ(daemon.end(), 0);
}

TEST_P(SystemLog, ThatIsStuckHoldsNobodyUp) {
    DatagramReceiver log(log_path_);  // and reads nothing: ten datagrams fit (net.unix.max_dgram_qlen)
    ProcessOptions without_stderr = options();
    without_stderr.close_stderr_reader = true;
    Daemon daemon({}, without_stderr);
    for (int i = 0; i < 40; ++i) violate(daemon.socket());
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

INSTANTIATE_TEST_SUITE_P(Places, SystemLog, ::testing::Values(LogPlace::DevLog, LogPlace::JournalSocket),
                         [](const auto& place) {
                             return place.param == LogPlace::DevLog ? "DevLog" : "JournalSocket";
                         });

TEST(DefaultPaths, AreUsedWhereNoneIsGiven) {
    if (!can_have_private_namespace()) PRH_CANNOT_RUN("no mount namespace can be had");
    ProcessOptions options;
    options.before_exec = in_private_namespace();
    Process process({built("qemu-pr-helper")}, options);
    const std::string proc = "/proc/" + std::to_string(process.pid());
    const std::string run = proc + "/root/run/";
    EXPECT_TRUE(eventually([&] {  // until exec(2) it is still the machine's /run
        return std::filesystem::read_symlink(proc + "/exe") == built("qemu-pr-helper") &&
               exists(run + "qemu-pr-helper.sock");
    }));
    EXPECT_EQ(ask(run + "qemu-pr-helper.sock"), kNoDevice);
    EXPECT_FALSE(exists(run + "qemu-pr-helper.pid"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

}  // namespace
}  // namespace prh::test
