// SPDX-License-Identifier: MIT
// Faults that were found once: two things that go wrong in one request, other hosts between two commands of
// ours, a process that comes back to other paths.
#include <gtest/gtest.h>

#include "multipath/world.h"

namespace prh::multipath {
namespace {

constexpr Setting kTwoPaths{Dialect::kSpc, 2, true, FakeManager::Kind::kAbsent};
constexpr Setting kThreePaths{Dialect::kSpc, 3, true, FakeManager::Kind::kAbsent};

const Fault& regression_fault(const std::string& name) {
    for (const Fault& one : every_fault())
        if (one.name == name) return one;
    throw std::invalid_argument(name);
}

/// The number of the guest's own command among those of the request.
std::size_t number_of(const std::vector<Sent>& log, const GuestCommand& command) {
    for (std::size_t i = 0; i < log.size(); ++i)
        if (log[i].cdb == command.cdb) return i;
    throw std::logic_error("never sent");
}

TEST(Regressions, APathThatDoesNotTakeItsKeyBackIsAskedOnce) {
    const GuestCommand command = preempt(K, K, 6);
    const auto prepare = [](World& world) {
        world.other_must(reg(0, J));
        world.guest_holds_through(0);
    };
    World rehearsal(kThreePaths);
    prepare(rehearsal);
    EXPECT_EQ(rehearsal.guest(command), "GOOD");
    const std::size_t at = number_of(rehearsal.paths.log(), command);

    World world(kThreePaths);
    prepare(world);
    world.paths.fail(at, regression_fault("unreachable, not executed, path dead"));
    world.paths.before_each_command = [&](std::size_t number) {
        if (number == at + 1) world.other_must(clear(J));
    };
    const std::string answer = world.guest_again(command);
    EXPECT_NE(answer, "GOOD");
    EXPECT_LT(world.paths.log().size(), 60U);
    EXPECT_EQ(test::held(world.lun.unit()), "none");
    EXPECT_EQ(world.keys(), "- - -") << "who was fenced stays so";
}

TEST(Regressions, ARecordThatCannotBeReadNowFailsTheRequest) {
    World world(kTwoPaths);
    world.guest_holds_through(0);
    const std::optional<MapRecord> kept = world.store.read();
    world.store.become_readable(false);
    world.restart();
    EXPECT_EQ(world.guest_again(preempt(K, K, 6)), "b/08/00");
    EXPECT_EQ(world.guest_again(read_keys()), "b/08/00");
    EXPECT_EQ(world.clean_up(), "b/08/00");
    EXPECT_EQ(world.store.read(), kept) << "and nothing replaces it";
    world.store.become_readable(true);
    EXPECT_EQ(world.guest_again(preempt(K, K, 6)), "GOOD");
    EXPECT_EQ(world.keys(), "1111 1111");
}

TEST(Regressions, APathThatCameWhileNoProcessRanIsRegistered) {
    World world(kThreePaths);
    world.paths.become(2, Health::kRemoved);
    world.paths.refresh();
    world.guest_must(reg(0, K));
    world.paths.become(2, Health::kOnline);
    world.paths.refresh();
    world.restart();
    EXPECT_EQ(world.guest_again(read_keys()), "GOOD");
    EXPECT_EQ(world.keys(), "1111 1111 1111");
}

TEST(Regressions, APathThatCameInPlaceOfAnotherWhileNoProcessRanIsRegistered) {
    World world(kTwoPaths);
    world.guest_must(reg(0, K));
    world.behind_the_back(1, reg_ignore(0, 0));  // another disk has the number now
    world.restart();
    EXPECT_EQ(world.guest_again(read_keys()), "GOOD");
    EXPECT_EQ(world.keys(), "1111 1111");
}

TEST(Regressions, AHostThatWasFencedWhileNoProcessRanStaysFenced) {
    World world(kTwoPaths);
    world.guest_must(reg(0, K));
    world.other_must(reg(0, J));
    world.other_must(preempt(J, K, 5));
    world.restart();
    EXPECT_EQ(world.guest_again(read_keys()), "6/2a/05") << "the guest is told";
    EXPECT_EQ(world.guest_again(read_keys()), "GOOD");
    EXPECT_EQ(world.keys(), "- -");
}

/// A path is away while its host leaves, or takes another key; another host then reserves.
class PathAway : public testing::TestWithParam<Dialect> {
  protected:
    bool any_path_writes() const {
        for (std::size_t i = 0; i < world.paths.size(); ++i)
            if (world.lun.allows_write(world.paths.nexus(i))) return true;
        return false;
    }
    World world{{GetParam(), 3, true, FakeManager::Kind::kAbsent}};
};
INSTANTIATE_TEST_SUITE_P(Of, PathAway, testing::Values(Dialect::kSpc, Dialect::kLio));

TEST_P(PathAway, LeavesWithTheHost) {
    for (const bool ignoring : {false, true})
        for (const std::size_t away : {0U, 2U}) {
            world.guest_must(reg_ignore(0, K));
            world.guest_must(reserve(K, 5));
            world.paths.become(away, Health::kOffline);
            world.guest_must(ignoring ? reg_ignore(0, 0) : reg(K, 0));
            EXPECT_EQ(world.keys(), "- - -");
            EXPECT_EQ(world.held(), "none");
            world.other_must(reg_ignore(0, J));
            world.other_must(reserve(J, 5));
            world.path_returns(away);
            EXPECT_FALSE(any_path_writes());
            EXPECT_EQ(world.reports, std::vector<std::string>());
            world.other_must(reg(J, 0));
            world.guest_again(read_keys());
        }
}

TEST_P(PathAway, LeavesWithTheHostThroughTheOnlyPathThatIsLeft) {
    world.guest_must(reg(0, K));
    for (const std::size_t away : {0U, 1U}) world.paths.become(away, Health::kOffline);
    world.guest_must(reg(K, 0));
    EXPECT_EQ(world.keys(), "- - -");
}

TEST_P(PathAway, LosesTheOldKey) {
    world.guest_must(reg(0, K));
    world.other_must(reg(0, J));
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, K2));
    EXPECT_EQ(world.keys(), "1112 - 1112");
    world.other_must(preempt(J, K2, 5));
    world.other_must(reserve(J, 5));
    world.path_returns(1);
    EXPECT_FALSE(any_path_writes()) << "the new key was preempted, and the old one is not there";
    world.guest_again(read_keys());
    world.guest_again(read_keys());
    EXPECT_FALSE(any_path_writes()) << "nor does the next request bring one back";
}

TEST_P(PathAway, KeepsAnOldKeyThatAnotherHostHasToo) {
    world.guest_must(reg(0, K));
    world.other_must(reg(0, K), 1);
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, K2));
    EXPECT_EQ(world.foreign_difference(world.reference), "") << "the other host is not touched";
    EXPECT_EQ(world.keys(), "1112 1111 1112");
    ASSERT_EQ(world.reports.size(), 1U);
    EXPECT_NE(world.reports[0].find("key 0x1111"), std::string::npos) << world.reports[0];
    ASSERT_TRUE(world.store.read());
    EXPECT_EQ(world.store.read()->stale, std::vector<ReservationKey>{{K}});
    world.path_returns(1);
    world.guest_again(read_keys());
    EXPECT_EQ(world.keys(), "1112 1112 1112");
    EXPECT_TRUE(world.store.read()->stale.empty() || world.guest_again(release(K2, 5)) == "GOOD");
}

TEST_P(PathAway, KeepsTheKeyOfAHostThatLeftNoLongerThanAnotherHasIt) {
    world.guest_must(reg(0, K));
    world.other_must(reg(0, K), 1);
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, 0));
    EXPECT_EQ(world.foreign_difference(world.reference), "");
    EXPECT_EQ(world.keys(), "- 1111 -");
    EXPECT_EQ(world.reports.size(), 1U);
    world.path_returns(1);
    world.guest_again(read_keys());
    EXPECT_EQ(world.keys(), "- - -");
    EXPECT_EQ(world.foreign_difference(world.reference), "");
}

TEST_P(PathAway, LeavesWithARegistrationThatMoves) {
    world.guest_must(reg(0, K));
    world.guest_must(reserve(K, 5));
    world.other_must(reg(0, J));
    world.paths.become(2, Health::kOffline);
    world.guest_must(move(K, J, {World::other_nexus(), true}));
    EXPECT_EQ(world.keys(), "- - -");
}

TEST_P(PathAway, LetsNothingBeHeldForAllByAHostThatLeft) {
    world.guest_must(reg(0, K));
    world.guest_must(reserve(K, 7));
    world.paths.become(1, Health::kOffline);
    world.guest_must(reg(K, 0));
    EXPECT_EQ(world.held(), "none");
}

TEST(OutOfReach, ARegistrationThatLeavesAPathOutIsRefused) {
    World world(kTwoPaths);
    world.paths.become(1, Health::kOutOfReach);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(world.guest_again(reg(0, K)), "b/08/00");
    EXPECT_EQ(world.keys(), "- -");
    ASSERT_EQ(world.reports.size(), 1U) << "told once";
    EXPECT_NE(world.reports[0].find("8:16: Operation not permitted"), std::string::npos) << world.reports[0];
    world.paths.become(1, Health::kOnline);
    EXPECT_EQ(world.guest_again(reg(0, K)), "GOOD");
    EXPECT_EQ(world.keys(), "1111 1111");
}

TEST(OutOfReach, AKeyThatAPathCannotFollowIsNotChanged) {
    for (const GuestCommand& command : {reg(K, K2), reg_ignore(0, K2), preempt(K, K, 6)}) {
        World world(kTwoPaths);
        world.guest_holds_through(0);
        world.paths.become(1, Health::kOutOfReach);
        EXPECT_EQ(world.guest_again(command), "b/08/00") << command.to_string();
        EXPECT_EQ(world.keys(), "1111 1111");
        EXPECT_EQ(world.held(), "5 by 1111");
    }
}

TEST(OutOfReach, APathLeavesWithTheOthersWhereTheLogicalUnitShowsWhoseItIs) {
    for (const bool known : {true, false}) {
        World world({Dialect::kSpc, 2, known, FakeManager::Kind::kAbsent});
        if (known)
            world.guest_must(reg(0, K));
        else
            for (const std::size_t i : {0U, 1U}) world.behind_the_back(i, reg(0, K));
        world.paths.become(1, Health::kOutOfReach);
        EXPECT_EQ(world.guest_again(reg(K, 0)), known ? "GOOD" : "b/08/00");
        EXPECT_EQ(world.keys(), known ? "- -" : "1111 1111");
    }
}

TEST(SharedRecord, WhatAnotherHelperOfTheHostDidIsRead) {
    World world(kTwoPaths);
    world.guest_must(reg(0, K));
    world.paths.become(1, Health::kOffline);
    // Another helper changes the key through the same map; the path returns without a registration.
    Engine other({world.paths, world.manager, world.store, [] { return 7; }, [](std::string_view) {}}, {});
    const GuestCommand change = reg(K, K2);
    EXPECT_EQ(other.execute(change.cdb, change.list, {}).status, ScsiStatus::Good);
    world.paths.become(1, Health::kOnline);
    EXPECT_EQ(world.guest_again(read_keys()), "GOOD");
    EXPECT_EQ(world.keys(), "1112 1112");
}

}  // namespace
}  // namespace prh::multipath
