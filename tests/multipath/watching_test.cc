// SPDX-License-Identifier: MIT
// What the watch of paths does, on no request's way: paths that return or are new, a registration that
// another host took, and what a process that died has left behind.
#include <gtest/gtest.h>

#include "multipath/world.h"

namespace prh::multipath {
namespace {

using Tended = Engine::Tended;

class Watching : public testing::TestWithParam<Dialect> {
  protected:
    /// The guest lives on another host now: that has the same key, and has preempted it (REGISTER(0, K),
    /// PREEMPT(K, K)).
    void migrate() {
        world.other_must(reg(0, K));
        world.other_must(preempt(K, K, 5));
    }
    /// A unit attention of its own host is what the destination sees first.
    void drain_other() {
        while (world.other({}) != "GOOD") {
        }
    }
    std::size_t foreign() const {
        std::size_t count = 0;
        for (const Registration& one : world.lun.unit().registrations().list())
            if (one.nexus.initiator_port == World::other_nexus().initiator_port) ++count;
        return count;
    }
    World world{{GetParam(), 3, true, FakeManager::Kind::kPresent}};
};
INSTANTIATE_TEST_SUITE_P(Of, Watching, testing::Values(Dialect::kSpc, Dialect::kLio));

/// multipathd does nothing in these.
class WatchingAlone : public testing::TestWithParam<Dialect> {
  protected:
    World world{{GetParam(), 3, true, FakeManager::Kind::kAbsent}};
};
INSTANTIATE_TEST_SUITE_P(Of, WatchingAlone, testing::Values(Dialect::kSpc, Dialect::kLio));

TEST_P(WatchingAlone, APathThatReturnsIsRegisteredWithoutARequest) {
    world.guest_must(reg(0, K));
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, K2));
    EXPECT_EQ(world.keys(), "1112 - 1112");
    world.path_returns(1);
    EXPECT_EQ(world.tend({1}), Tended::Done);
    EXPECT_EQ(world.keys(), "1112 1112 1112");
}

TEST_P(WatchingAlone, ANewPathIsRegisteredWithoutARequest) {
    world.paths.become(2, Health::kRemoved);
    world.paths.refresh();
    world.guest_must(reg(0, K));
    world.paths.become(2, Health::kOnline);
    EXPECT_EQ(world.tend({2}), Tended::Done);
    EXPECT_EQ(world.keys(), "1111 1111 1111");
}

TEST_P(WatchingAlone, APathThatCameBeforeTheFirstLookIsRegisteredWithoutARequest) {
    world.paths.become(2, Health::kRemoved);
    world.paths.refresh();
    world.guest_must(reg(0, K));
    world.paths.become(2, Health::kOnline);
    EXPECT_EQ(world.tend_first(), Tended::Done);
    EXPECT_EQ(world.keys(), "1111 1111 1111");
}

TEST_P(WatchingAlone, AFirstLookThatFindsNothingNewSendsNothing) {
    world.guest_must(reg(0, K));
    EXPECT_EQ(world.tend_first(), Tended::Done);
    EXPECT_TRUE(world.paths.log().empty());
}

TEST_P(WatchingAlone, AHostThatWasFencedMeanwhileStaysFenced) {
    world.guest_must(reg(0, K));
    world.other_must(reg(0, J));
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, K2));
    world.other_must(preempt(J, K2, 5));
    world.path_returns(1);
    EXPECT_EQ(world.tend({1}), Tended::Done);
    EXPECT_EQ(world.keys(), "- - -");
    EXPECT_EQ(world.guest_again(read_keys()), "6/2a/05") << "the guest is told what the watch was told";
    EXPECT_EQ(world.guest_again(read_keys()), "GOOD") << "once";
    EXPECT_EQ(world.keys(), "- - -");
}

TEST_P(WatchingAlone, APathThatDoesNotAnswerIsLeftAlone) {
    world.guest_must(reg(0, K));
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, K2));
    world.paths.become(1, Health::kUnnoticed);
    world.tend({}, {1});
    for (const Sent& sent : world.paths.log()) EXPECT_NE(sent.path, 1U) << sent.to_string();
    world.path_returns(1);
    EXPECT_EQ(world.tend({1}), Tended::Done);
    EXPECT_EQ(world.keys(), "1112 1112 1112");
}

TEST_P(WatchingAlone, WhatAnotherProcessIsWithIsLeftAlone) {
    world.guest_must(reg(0, K));
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, K2));
    world.path_returns(1);
    world.store.take(true);
    EXPECT_EQ(world.tend({1}), Tended::Later);
    EXPECT_TRUE(world.paths.log().empty());
    world.store.take(false);
    EXPECT_EQ(world.tend({1}), Tended::Done);
    EXPECT_EQ(world.keys(), "1112 1112 1112");
}

TEST_P(WatchingAlone, AnExchangeOfKeysThatADeathInterruptedIsUndone) {
    World rehearsal{{GetParam(), 3, true, FakeManager::Kind::kAbsent}};
    rehearsal.guest_holds_through(0);
    rehearsal.interruption.count_from_zero();
    rehearsal.guest_must(preempt(K, K, 6));
    const std::size_t moments = rehearsal.interruption.passed();
    ASSERT_GT(moments, 20U);
    for (std::size_t moment = 0; moment < moments; ++moment) {
        World interrupted{{GetParam(), 3, true, FakeManager::Kind::kAbsent}};
        interrupted.guest_holds_through(0);
        interrupted.interruption.count_from_zero();
        interrupted.interruption.at(moment);
        EXPECT_THROW(interrupted.guest_again(preempt(K, K, 6)), Death);
        interrupted.interruption.never();
        interrupted.restart();
        EXPECT_EQ(interrupted.tend(), Tended::Done) << moment;
        EXPECT_EQ(interrupted.keys(), "1111 1111 1111") << moment;
        EXPECT_TRUE(interrupted.we_hold()) << moment;
    }
}

TEST_P(WatchingAlone, AMapWithoutARecordIsLeftAlone) {
    world.other_must(reg(0, J));
    EXPECT_EQ(world.tend({0, 1, 2}), Tended::Done);
    EXPECT_TRUE(world.paths.log().empty());
}

TEST_P(WatchingAlone, ARegistrationThatIsThereStays) {
    world.guest_holds_through(0);
    world.other_must(reg(0, J));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(world.tend(), Tended::Done);
    EXPECT_EQ(world.tend({1}), Tended::Done);
    EXPECT_EQ(world.keys(), "1111 1111 1111");
    EXPECT_TRUE(world.we_hold());
    EXPECT_EQ(world.guest_again(read_keys()), "GOOD");
}

TEST_P(Watching, ARegistrationThatMovedToAnotherHostIsForgotten) {
    world.guest_must(reg(0, K));
    world.guest_must(reserve(K, 5));
    migrate();
    EXPECT_EQ(world.tend(), Tended::Done);
    EXPECT_FALSE(world.manager.key());
    EXPECT_FALSE(world.manager.registered());
    EXPECT_EQ(world.keys(), "- - -");
    EXPECT_EQ(foreign(), 1U) << "the other host's stays, with the same key";
    world.paths.become(1, Health::kOffline);
    world.path_returns(1);
    EXPECT_EQ(world.keys(), "- - -") << "and multipathd does not bring one back";
}

TEST_P(Watching, WhatMultipathdGaveAPathThatReturnedIsRemoved) {
    world.guest_must(reg(0, K));
    world.guest_must(reserve(K, 5));
    migrate();
    world.paths.become(1, Health::kOffline);
    world.path_returns(1);
    ASSERT_EQ(world.keys(), "- 1111 -") << "multipathd takes the other host's key for its own";
    EXPECT_EQ(world.tend({1}), Tended::Done);
    EXPECT_EQ(world.keys(), "- - -");
    EXPECT_FALSE(world.manager.key());
    EXPECT_EQ(foreign(), 1U);
    drain_other();
    world.other_must(reg(K, 0));
    EXPECT_TRUE(world.lun.unit().registrations().list().empty());
}

TEST_P(Watching, APathThatWasAwayWhileItWasForgottenHasNothingWhenItReturns) {
    world.guest_must(reg(0, K));
    world.guest_must(reserve(K, 5));
    migrate();
    world.paths.become(1, Health::kOffline);
    EXPECT_EQ(world.tend(), Tended::Done);
    EXPECT_FALSE(world.manager.key());
    world.behind_the_back(1, {});
    world.behind_the_back(1, reg_ignore(0, K));  // by whom ever
    world.path_returns(1);
    EXPECT_EQ(world.tend({1}), Tended::Done);
    EXPECT_EQ(world.keys(), "- - -");
    EXPECT_EQ(foreign(), 1U);
}

TEST_P(Watching, WhoRegistersAnewAtOnceIsRegistered) {
    world.guest_must(reg(0, K));
    migrate();
    EXPECT_EQ(world.tend(), Tended::Done);
    world.guest_again(reg_ignore(0, K2));  // a unit attention may wait
    world.guest_again(reg_ignore(0, K2));
    EXPECT_EQ(world.keys(), "1112 1112 1112");
    EXPECT_EQ(world.tend({0, 1, 2}), Tended::Done);
    EXPECT_EQ(world.keys(), "1112 1112 1112");
    ASSERT_TRUE(world.manager.key());
    EXPECT_EQ(world.manager.key()->value.value, K2);
}

}  // namespace
}  // namespace prh::multipath
