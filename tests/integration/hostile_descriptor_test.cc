// SPDX-License-Identifier: MIT
// Descriptors that hang when they are used or closed: they cost their sender, and nobody else.
#include <gtest/gtest.h>
#include <signal.h>

#include <list>

#include "support/daemon.h"
#include "support/environment.h"
#include "support/hostile_fuse_file.h"
#include "support/lingering_socket.h"
#include "support/raw_client.h"

namespace prh::test {
namespace {

constexpr int kMany = 80;  // the existing program has 64 threads

void expect_that_others_notice_nothing(const Daemon& daemon, RawClient& old) {
    old.set_timeout(30);
    EXPECT_EQ(ask(old), kNoDevice);
    std::vector<RawClient> fresh(20);
    for (RawClient& client : fresh) {
        client.set_timeout(30);
        ASSERT_TRUE(client.open(daemon.socket())) << "nobody accepts";
        EXPECT_EQ(ask(client), kNoDevice);
    }
}

/// The daemon stands still, so that what is sent waits in its sockets. (To stop is a signal, which also ends
/// a close that lingers: stop it before the hostile descriptors come.)
class Paused {
  public:
    explicit Paused(const Daemon& daemon) : pid_(daemon.pid()) {
        ::kill(pid_, SIGSTOP);
        EXPECT_TRUE(eventually([&] {
            for (auto& thread : thread_statuses(pid_))
                if (thread["State"].rfind("T", 0) != 0) return false;
            return true;
        }));
    }
    ~Paused() { ::kill(pid_, SIGCONT); }

  private:
    const pid_t pid_;
};

class HostileFuse : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!hostile_.failure().empty()) PRH_CANNOT_RUN(hostile_.failure());
    }
    HostileFuseFile hostile_;
};

TEST_F(HostileFuse, IoctlThatNeverEndsIsNeverBegun) {
    Daemon daemon({"--drain-timeout=1", "--max-requests-per-process=1000"});
    RawClient old = daemon.connect();
    hostile_.open();
    std::vector<RawClient> senders(kMany);
    for (RawClient& sender : senders) {
        ASSERT_TRUE(sender.open(daemon.socket()));
        ASSERT_TRUE(sender.send_request(pr_in(0, 24), hostile_.descriptor()));
    }
    expect_that_others_notice_nothing(daemon, old);
    EXPECT_TRUE(eventually([&] { return hostile_.count("flush") == kMany; }))
        << "its answer comes after the descriptor is closed";
    EXPECT_EQ(hostile_.count("ioctl"), 0U);
    hostile_.end();
    for (RawClient& sender : senders) EXPECT_EQ(sender.read_reply()->brief(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

TEST_F(HostileFuse, CloseThatNeverEndsHoldsNobodyElseUp) {
    Daemon daemon({"--drain-timeout=1", "--max-requests-per-process=1000"});
    RawClient old = daemon.connect();
    hostile_.open();
    std::vector<RawClient> senders(kMany);
    for (std::size_t i = 0; i < senders.size(); ++i) {
        ASSERT_TRUE(senders[i].open(daemon.socket()));
        if (i % 2 == 0) {
            ASSERT_TRUE(senders[i].send_request(pr_in(0, 24), hostile_.descriptor()));
        } else {  // closed in the end of a connection
            ASSERT_TRUE(senders[i].send_bytes(Bytes(16), {hostile_.descriptor()}));
        }
    }
    EXPECT_TRUE(eventually([&] { return hostile_.count("flush") == kMany; }));
    expect_that_others_notice_nothing(daemon, old);
    hostile_.end();
}

TEST_F(HostileFuse, EndLetsTheClientGoAndNamesItself) {
    TemporaryDirectory directory;
    const std::string pid_file = directory / "pid";
    Daemon daemon({"--drain-timeout=1", "-f", pid_file});
    RawClient sender = daemon.connect();
    hostile_.open();
    ASSERT_TRUE(sender.send_request(pr_in(0, 24), hostile_.descriptor()));
    ASSERT_TRUE(eventually([&] { return hostile_.count("flush") == 1; }));
    daemon.process().signal(SIGTERM);
    // FUSE waits without heeding any signal, so the kernel keeps a remainder of the process until the file's
    // server answers or dies. It holds nothing that anybody else needs.
    EXPECT_TRUE(sender.closed_by_peer());
    EXPECT_TRUE(daemon.process().err_contains("Abandoned after 1 s"));
    EXPECT_TRUE(eventually([&] { return !exists(pid_file) && !exists(daemon.socket()); }));
    hostile_.leave_it_to_others();
    Process next({built("qemu-pr-helper"), "-k", daemon.socket(), "-f", pid_file});
    EXPECT_TRUE(eventually([&] { return ask(daemon.socket()) == kNoDevice; })) << next.err();
    hostile_.end();
    EXPECT_EQ(daemon.process().wait(), 0);
}

class HostileSocket : public ::testing::Test {
  protected:
    /// Sends `bytes` with a descriptor that the daemon will be the last to close, and goes.
    void send_and_leave(const Bytes& before, const Bytes& bytes) {
        hostile_.emplace_back();
        RawClient sender;
        ASSERT_TRUE(sender.connect(daemon_.socket()));
        ASSERT_TRUE(sender.send_bytes(before));
        ASSERT_TRUE(sender.send_bytes(bytes, {hostile_.back().descriptor()}));
        hostile_.back().leave_it_to_others();
    }

    std::list<LingeringSocket> hostile_;
    Daemon daemon_{{"--drain-timeout=1", "--max-connections=100", "--max-requests-per-process=1000"}};
};

TEST_F(HostileSocket, SentByWhoIsGoneBeforeBeingAccepted) {
    RawClient old = daemon_.connect();
    {
        const Paused paused(daemon_);
        for (int i = 0; i < 5; ++i) send_and_leave({}, Bytes(4));
        for (int i = 0; i < 5; ++i) send_and_leave(Bytes(4), pr_in(0, 24));
    }
    expect_that_others_notice_nothing(daemon_, old);
    EXPECT_EQ(daemon_.end(), 0);
}

TEST_F(HostileSocket, WithTheHandshake) {
    RawClient old = daemon_.connect();
    {
        const Paused paused(daemon_);
        for (int i = 0; i < 10; ++i) send_and_leave({}, Bytes(4));
    }
    expect_that_others_notice_nothing(daemon_, old);
    EXPECT_EQ(daemon_.end(), 0);
}

TEST_F(HostileSocket, BehindAViolation) {
    RawClient old = daemon_.connect();
    {
        const Paused paused(daemon_);
        for (int i = 0; i < 10; ++i) send_and_leave(Bytes(4 + 16), Bytes(16));
    }
    expect_that_others_notice_nothing(daemon_, old);
    EXPECT_EQ(daemon_.end(), 0);
}

TEST_F(HostileSocket, BeyondTheLimitOfConnections) {
    std::vector<RawClient> full(100);
    for (RawClient& client : full) ASSERT_TRUE(client.open(daemon_.socket()));
    {
        const Paused paused(daemon_);
        for (int i = 0; i < 5; ++i) send_and_leave({}, Bytes(4));
    }
    for (RawClient& client : full) EXPECT_EQ(ask(client), kNoDevice);
    for (int i = 0; i < 50; ++i) full.pop_back();
    EXPECT_TRUE(eventually([&] { return daemon_.ask() == kNoDevice; }));
    EXPECT_EQ(daemon_.end(), 0);
}

TEST_F(HostileSocket, CannotMakeMoreThreadsThanThereMayBeConnections) {
    constexpr int kRefusedAtOnce = 256;  // beside those that are let in
    constexpr std::size_t kMost = 100 + kRefusedAtOnce + 20;
    {
        const Paused paused(daemon_);
        for (int i = 0; i < 460; ++i) send_and_leave(Bytes(4 + 16), Bytes(16));
    }
    const auto threads = [&] { return thread_statuses(daemon_.pid()).size(); };
    EXPECT_TRUE(eventually([&] { return threads() > 100; })) << "the test does not test what it says";
    EXPECT_FALSE(eventually([&] { return threads() > kMost; }, 2));
    for (LingeringSocket& hostile : hostile_) hostile.release();
    EXPECT_TRUE(eventually([&] { return daemon_.ask() == kNoDevice; }));
    EXPECT_EQ(daemon_.end(), 0);
}

}  // namespace
}  // namespace prh::test
