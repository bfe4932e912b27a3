// SPDX-License-Identifier: MIT
// Many clients at once, more than are allowed, and no descriptors left for them.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <thread>

#include "support/daemon.h"
#include "support/environment.h"

namespace prh::test {
namespace {

/// Our own limit, which a test of thousands of connections needs as well.
bool allow_descriptors(rlim_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::max(limit.rlim_cur, wanted);
    limit.rlim_max = std::max(limit.rlim_max, wanted);
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

TEST(ManyConnections, TwoThousandAreOpenAtOnceAndEachIsServed) {
    if (!allow_descriptors(2500)) PRH_CANNOT_RUN("the limit on open files is too low");
    Daemon daemon;
    std::vector<RawClient> clients(2000);
    for (RawClient& client : clients) ASSERT_TRUE(client.open(daemon.socket()));
    for (RawClient& client : clients) ASSERT_EQ(ask(client), kNoDevice);
    for (RawClient& client : clients) ASSERT_TRUE(client.send_request(pr_in(0, 24), null_device()));
    for (RawClient& client : clients) ASSERT_EQ(client.read_reply()->brief(), kNoDevice);
    EXPECT_GE(open_descriptors(daemon.pid()), 2000U);
    EXPECT_TRUE(eventually([&] { return thread_statuses(daemon.pid()).size() < 50; }))
        << "idle connections have threads";
    clients.clear();
    EXPECT_TRUE(eventually([&] { return open_descriptors(daemon.pid()) < 20; }));
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

TEST(ManyConnections, TwoThousandIdleOnesDoNotHoldUpTheEnd) {
    if (!allow_descriptors(2500)) PRH_CANNOT_RUN("the limit on open files is too low");
    Daemon daemon;
    std::vector<RawClient> clients(2000);
    for (RawClient& client : clients) ASSERT_TRUE(client.open(daemon.socket()));
    EXPECT_EQ(daemon.end(), 0);
    for (RawClient& client : clients) ASSERT_TRUE(client.closed_by_peer());
}

TEST(ManyConnections, OneMoreThanAllowedIsClosedAtOnce) {
    Daemon daemon({"--max-connections=3"});
    std::vector<RawClient> clients(3);
    for (RawClient& client : clients) ASSERT_TRUE(client.open(daemon.socket()));
    for (int i = 0; i < 40; ++i) {
        RawClient refused;
        ASSERT_TRUE(refused.connect(daemon.socket()));
        EXPECT_TRUE(refused.closed_by_peer()) << i;
        EXPECT_EQ(ask(clients[static_cast<std::size_t>(i) % 3]), kNoDevice);
    }
    EXPECT_TRUE(daemon.process().err_contains("qemu-pr-helper: Refused a connection of "));
    EXPECT_TRUE(daemon.process().err_contains("pid " + std::to_string(::getpid()) + ", uid 0"));
    EXPECT_TRUE(daemon.process().err_contains(": 3 are open (--max-connections)\n"));
    clients.pop_back();
    EXPECT_TRUE(eventually([&] { return daemon.ask() == kNoDevice; })) << "the slot is free again";
    EXPECT_EQ(daemon.end(), 0);
}

TEST(ManyConnections, OneIsTheLeastThatCanBeAllowed) {
    Daemon daemon({"--max-connections=1"});
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(eventually([&] { return daemon.ask() == kNoDevice; }));
    EXPECT_EQ(daemon.end(), 0);
}

TEST(ManyConnections, FewerWhereFewDescriptorsAreAllowed) {
    ProcessOptions options;
    options.before_exec = [] {
        const rlimit few{256, 256};
        ::setrlimit(RLIMIT_NOFILE, &few);
    };
    Daemon daemon({"--max-connections=1000"}, options);
    EXPECT_TRUE(daemon.process().err_contains(
        "warning: 96 connections at most, since only 256 file descriptors may be open (LimitNOFILE=)"));
    std::vector<RawClient> clients(96);
    for (RawClient& client : clients) ASSERT_TRUE(client.open(daemon.socket()));
    for (RawClient& client : clients) ASSERT_TRUE(client.send_bytes(Bytes(8), {null_device()}));
    RawClient refused;
    ASSERT_TRUE(refused.connect(daemon.socket()));
    EXPECT_TRUE(refused.closed_by_peer());
    for (RawClient& client : clients) {
        Bytes rest(8);
        ASSERT_TRUE(client.send_bytes(rest));
        EXPECT_TRUE(client.closed_by_peer());  // operation code 00h
    }
}

TEST(ManyConnections, TheDefaultLimitIsNotRemarkedUponWhereItDoesNotFit) {
    ProcessOptions options;
    options.before_exec = [] {
        const rlimit few{1024, 1024};  // systemd's
        ::setrlimit(RLIMIT_NOFILE, &few);
    };
    Daemon daemon({}, options);
    EXPECT_EQ(daemon.process().err(), "");
}

class NoDescriptorsLeft : public ::testing::Test {
  protected:
    void SetUp() override {
        old_ = daemon_.connect();
        EXPECT_EQ(ask(old_), kNoDevice);
        // The search for our name opens directories.
        ASSERT_TRUE(comes_to_rest(daemon_.pid()));
        ASSERT_TRUE(limit_descriptors(daemon_.pid(), lowest_free_descriptor(daemon_.pid())));
    }

    Daemon daemon_;
    RawClient old_;
};

TEST_F(NoDescriptorsLeft, WhoIsThereStaysAndWhoComesWaits) {
    RawClient waiting;
    ASSERT_TRUE(waiting.connect(daemon_.socket()));
    EXPECT_TRUE(
        daemon_.process().err_contains("Cannot accept connections for the moment: Too many open files"));
    EXPECT_TRUE(comes_to_rest(daemon_.pid())) << "it spins";

    // The descriptor of a request cannot be taken: BUSY, so the guest tries again.
    const auto reply = old_.request(pr_in(0, 24), null_device());
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->brief(), "08");
    EXPECT_EQ(reply->sense, RawReply{}.sense);
    EXPECT_EQ(old_.request(pr_out(0, 0), null_device(), key_list(1, 2))->brief(), "08");

    ASSERT_TRUE(limit_descriptors(daemon_.pid(), 1024));
    EXPECT_EQ(ask(old_), kNoDevice);
    EXPECT_TRUE(waiting.handshake()) << "it is accepted as soon as there is room";
    EXPECT_EQ(ask(waiting), kNoDevice);
    EXPECT_EQ(daemon_.end(), 0);
}

TEST_F(NoDescriptorsLeft, AClosedConnectionMakesRoom) {
    RawClient waiting;
    ASSERT_TRUE(waiting.connect(daemon_.socket()));
    EXPECT_TRUE(daemon_.process().err_contains("Cannot accept connections"));
    old_.close();
    EXPECT_TRUE(waiting.handshake());
    EXPECT_EQ(waiting.request(pr_in(0, 24), null_device())->brief(), "08");
    EXPECT_EQ(daemon_.end(), 0);
}

TEST_F(NoDescriptorsLeft, TheEndIsNotHeldUp) {
    RawClient waiting;
    ASSERT_TRUE(waiting.connect(daemon_.socket()));
    EXPECT_TRUE(daemon_.process().err_contains("Cannot accept connections"));
    EXPECT_EQ(daemon_.end(), 0) << daemon_.process().err();
    EXPECT_TRUE(waiting.closed_by_peer());
}

TEST(ManyConnections, ComingAndGoingLeaveNothingBehind) {
    Daemon daemon;
    EXPECT_EQ(daemon.ask(), kNoDevice);
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i)
        clients.emplace_back([&daemon] {
            for (int round = 0; round < 250; ++round) EXPECT_EQ(daemon.ask(), kNoDevice);
        });
    for (std::thread& client : clients) client.join();
    EXPECT_TRUE(eventually([&] { return open_descriptors(daemon.pid()) < 20; }));
    EXPECT_EQ(daemon.end(), 0);
}

}  // namespace
}  // namespace prh::test
