// SPDX-License-Identifier: MIT
// The end: what a signal does, and what becomes of those who are connected.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

#include "support/daemon.h"
#include "support/lingering_socket.h"

namespace prh::test {
namespace {

/// A request that is in flight until it is released: its descriptor lingers when the daemon closes it.
class SlowRequest {
  public:
    explicit SlowRequest(const Daemon& daemon) : client_(daemon.connect()) {
        const Bytes cdb = pr_in(0, 24);
        EXPECT_TRUE(client_.send_bytes({cdb.begin(), cdb.begin() + 8}, {slow_.descriptor()}));
        slow_.leave_it_to_others();
        EXPECT_TRUE(client_.send_bytes({cdb.begin() + 8, cdb.end()}));
    }
    RawClient& client() { return client_; }
    void release() { slow_.release(); }

  private:
    LingeringSocket slow_;
    RawClient client_;
};

bool draining(const Daemon& daemon) {
    return eventually([&] { return !exists(daemon.socket()); });
}

TEST(Signals, TermIntAndHupEndItInOrder) {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        Daemon daemon;
        RawClient idle = daemon.connect();
        EXPECT_EQ(ask(idle), kNoDevice);
        EXPECT_EQ(daemon.end(signal), 0) << signal;
        EXPECT_FALSE(exists(daemon.socket()));
        EXPECT_TRUE(idle.closed_by_peer());
    }
}

TEST(Signals, OthersAreIgnored) {
    Daemon daemon;
    for (const int signal : {SIGUSR1, SIGALRM, SIGPIPE, SIGIO}) {
        daemon.process().signal(signal);
        EXPECT_EQ(daemon.ask(), kNoDevice) << signal;
    }
    EXPECT_TRUE(daemon.process().running());
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Signals, EndItEvenWhereTheyWereBlockedOrIgnored) {
    ProcessOptions options;  // nohup(1), and careless parents
    options.before_exec = [] {
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_BLOCK, &all, nullptr);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_IGN);
    };
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        Daemon daemon({}, options);
        EXPECT_EQ(daemon.end(signal), 0);
    }
}

TEST(Signals, AtAnyMomentOfTheStartLeaveNothingBehind) {
    TemporaryDirectory directory;
    for (int i = 0; i < 40; ++i) {
        const std::string socket = directory / "socket";
        Process process({built("qemu-pr-helper"), "-k", socket, "-f", directory / "pid"});
        std::this_thread::sleep_for(std::chrono::microseconds(250 * i));
        process.signal(SIGTERM);
        const auto code = process.wait();
        EXPECT_TRUE(code == 0 || code == 128 + SIGTERM) << code.value_or(-1);
        EXPECT_FALSE(exists(socket));
        EXPECT_FALSE(exists(directory / "pid"));
    }
}

TEST(Drain, RequestInFlightIsAnswered) {
    Daemon daemon;
    SlowRequest slow(daemon);
    daemon.process().signal(SIGTERM);
    ASSERT_TRUE(draining(daemon));
    EXPECT_TRUE(daemon.process().running());
    slow.release();
    const auto reply = slow.client().read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->brief(), kNoDevice);
    EXPECT_TRUE(slow.client().closed_by_peer());
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Drain, RepeatedSignalsChangeNothing) {
    Daemon daemon;
    SlowRequest slow(daemon);
    for (int i = 0; i < 5; ++i)
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) daemon.process().signal(signal);
    ASSERT_TRUE(draining(daemon));
    daemon.process().signal(SIGTERM);
    slow.release();
    EXPECT_TRUE(slow.client().read_reply());
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Drain, IdleConnectionsAreClosedAtOnce) {
    Daemon daemon;
    RawClient idle = daemon.connect();
    RawClient fresh;
    ASSERT_TRUE(fresh.connect(daemon.socket()));
    ASSERT_TRUE(fresh.read_bytes(4));
    SlowRequest slow(daemon);
    daemon.process().signal(SIGTERM);
    EXPECT_TRUE(idle.closed_by_peer());
    EXPECT_TRUE(fresh.closed_by_peer());
    EXPECT_TRUE(daemon.process().running()) << "the slow one is still there";
    slow.release();
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Drain, NobodyConnectsAnyMore) {
    Daemon daemon;
    SlowRequest slow(daemon);
    RawClient client;
    daemon.process().signal(SIGTERM);
    ASSERT_TRUE(draining(daemon));
    EXPECT_FALSE(client.connect(daemon.socket()));
    slow.release();
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Drain, WhoWritesAfterwardsIsRefusedBeforeItsCommandIsTaken) {
    // QEMU repeats a request only if writing it failed; so it must fail, rather than vanish.
    Daemon daemon;
    SlowRequest slow(daemon);
    RawClient idle = daemon.connect();
    EXPECT_EQ(ask(idle), kNoDevice);
    daemon.process().signal(SIGTERM);
    ASSERT_TRUE(draining(daemon));
    EXPECT_FALSE(idle.send_request(pr_in(0, 24), null_device()));
    EXPECT_EQ(errno, EPIPE);
    EXPECT_FALSE(slow.client().send_request(pr_in(0, 24), null_device())) << "its first request is in flight";
    EXPECT_EQ(errno, EPIPE);
    slow.release();
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Drain, RequestsThatAreQueuedAlreadyAreStillAnswered) {
    Daemon daemon;
    SlowRequest slow(daemon);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(slow.client().send_request(pr_in(0, 24), null_device()));
    ASSERT_TRUE(slow.client().send_request(pr_out(0, 0), null_device(), key_list(1, 2)));
    daemon.process().signal(SIGTERM);
    ASSERT_TRUE(draining(daemon));
    slow.release();
    for (int i = 0; i < 22; ++i) ASSERT_TRUE(slow.client().read_reply()) << i;
    EXPECT_TRUE(slow.client().closed_by_peer());
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Drain, UnfinishedRequestsDoNotHoldItUp) {
    Daemon daemon;
    RawClient half = daemon.connect();
    ASSERT_TRUE(half.send_bytes(Bytes(7), {null_device()}));
    RawClient withheld = daemon.connect();
    ASSERT_TRUE(withheld.send_request(pr_out(0, 0), null_device()));
    daemon.process().signal(SIGTERM);
    EXPECT_TRUE(half.closed_by_peer());
    EXPECT_TRUE(withheld.closed_by_peer());
    EXPECT_EQ(daemon.process().wait(), 0);
    EXPECT_EQ(daemon.process().err(), "") << "the clients broke no rule";
}

TEST(Drain, StuckRequestIsAbandonedNamedAndItsClientTold) {
    Daemon daemon({"--drain-timeout=1"});
    SlowRequest stuck(daemon);
    // on a connection of its own, so that the stuck one is known to be executing
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
    const std::string err = daemon.process().err();
    EXPECT_NE(err.find("Abandoned after 1 s of waiting for the end: READ KEYS, for "), std::string::npos)
        << err;
    EXPECT_NE(err.find("pid " + std::to_string(::getpid()) + ", uid 0)"), std::string::npos) << err;
    EXPECT_TRUE(stuck.client().closed_by_peer());
    EXPECT_FALSE(exists(daemon.socket()));
}

TEST(Drain, ClientThatDoesNotReadIsAbandoned) {
    Daemon daemon({"--drain-timeout=1"});
    RawClient deaf = daemon.connect();
    const timeval patience{0, 200'000};
    ::setsockopt(deaf.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    while (deaf.send_request(pr_in(0, 24), null_device())) {  // until both directions are full
    }
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST(Drain, ManyClientsAtOnceSeeAnswerOrNothing) {
    for (int round = 0; round < 5; ++round) {
        Daemon daemon;
        std::vector<std::thread> clients;
        std::atomic<int> answered = 0;
        for (int i = 0; i < 8; ++i)
            clients.emplace_back([&daemon, &answered] {
                RawClient client;
                while (client.open(daemon.socket()))
                    while (client.send_request(pr_in(0, 24), null_device())) {
                        const auto reply = client.read_reply();
                        // what was taken whole is answered whole
                        EXPECT_TRUE(reply.has_value());
                        if (!reply || reply->brief() != kNoDevice) break;
                        ++answered;
                    }
            });
        EXPECT_TRUE(eventually([&] { return answered >= 100; }));
        EXPECT_EQ(daemon.end(), 0);
        for (std::thread& client : clients) client.join();
    }
}

}  // namespace
}  // namespace prh::test
