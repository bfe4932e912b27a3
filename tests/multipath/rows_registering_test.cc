// SPDX-License-Identifier: MIT
// Rows 1-10, 60-63 and 71-74 of the table: registering, and what its bits ask for.
#include "multipath/row.h"

namespace prh::multipath {
namespace {

class RegisteringRow : public Row {};
INSTANTIATE_TEST_SUITE_P(Map, RegisteringRow, testing::ValuesIn(every_setting()), setting_name);

TEST_P(RegisteringRow, R01RegisterReachesEveryPath) {
    good(reg(0, K));
    state(K, {}, "none");
}

TEST_P(RegisteringRow, R02RegisterOfTheUnregisteredWithAKeyIsAConflict) {
    conflicts(reg(5, K));
    state(0, {}, "none");
}

TEST_P(RegisteringRow, R03UnregisteringTheUnregisteredDoesNothing) {
    good(reg(0, 0));
    good(reg_ignore(kWrongKey, 0));
    state(0, {}, "none");
}

TEST_P(RegisteringRow, R04ANewKeyReachesEveryPath) {
    good(reg(0, K));
    good(reg(K, K2));
    state(K2, {}, "none");
}

TEST_P(RegisteringRow, R05AWrongOldKeyChangesNothing) {
    good(reg(0, K));
    conflicts(reg(kWrongKey, K2));
    state(K, {}, "none");
}

TEST_P(RegisteringRow, R06RegisteringTwiceChangesNothing) {
    good(reg(0, K));
    conflicts(reg(0, K2));
    state(K, {}, "none");
    conflicts(reg(0, K));
    state(K, {}, "none");
}

TEST_P(RegisteringRow, R07IgnoringTheExistingKeyAlwaysSucceeds) {
    good(reg_ignore(kWrongKey, K));
    state(K, {}, "none");
    good(reg_ignore(0x77, K2));
    state(K2, {}, "none");
}

TEST_P(RegisteringRow, R08UnregisteringReachesEveryPath) {
    good(reg(0, K));
    good(reg(K, 0));
    state(0, {}, "none");
}

TEST_P(RegisteringRow, R09UnregisteringWithAWrongKeyChangesNothing) {
    good(reg(0, K));
    conflicts(reg(kWrongKey, 0));
    state(K, {}, "none");
}

TEST_P(RegisteringRow, R10AStaleKeyOnOnePathIsOverwritten) {
    for (const std::size_t path : {std::size_t{0}, last_path()}) {
        world.behind_the_back(path, reg(0, 0x57A1E));
        good(reg(0, K));
        state(K, {}, "none");
        good(reg(K, 0));
    }
}

TEST_P(RegisteringRow, R60PersistingIsWhatTheLastRegisterSaid) {
    good(reg(0, K, {.aptpl = true}));
    EXPECT_TRUE(world.lun.unit().aptpl());
    state(K, {}, "none");
    // What the engine does by itself leaves it on.
    good(reserve(K, 5));
    good(preempt(K, K, 5));
    EXPECT_TRUE(world.lun.unit().aptpl());
    good(reg(K, K2));
    EXPECT_FALSE(world.lun.unit().aptpl());
}

TEST_P(RegisteringRow, R61ARegisterThatFailedOnTheFirstPathTouchesNoOther) {
    if (!lio()) GTEST_SKIP() << "a failure of Linux's target";
    for (const bool aptpl : {false, true}) {
        world.lun.lose_aptpl_directory();
        EXPECT_EQ(world.guest(reg(0, K, {.aptpl = aptpl})), "2/08/00");
        state(0, {}, "none");
    }
}

TEST_P(RegisteringRow, R62AllTargetPortsIsAskedForAgainWhenUnregistering) {
    good(reg(0, K, {.all_tg_pt = true}));
    state(K, {}, "none");
    gives("GOOD", "5/24/00", reg(K, 0));
    good(reg_ignore(0, K, {.all_tg_pt = true}));
    good(reserve(K, 5));
    good(preempt(K, K, 6));
    state(K, {}, "6 by 1111");
    good(reg(K, 0, {.all_tg_pt = true}));
    state(0, {}, "none");
}

TEST_P(RegisteringRow, R63OtherInitiatorPortsAreRegisteredOnce) {
    const TransportId other_port = World::other_nexus().initiator_port;
    const Bits with_other{.spec_i_pt = true, .ids = {other_port}};
    gives("5/26/00", reg_ignore(0, K, with_other));
    if (lio()) gives("5/26/00", reg(0, K, {.spec_i_pt = true, .ids = {TransportId::sas(0x57A)}}));
    state(0, {}, "none");
    good(reg(0, K, with_other));
    state(K, {K}, "none");
    gives("5/26/00", reg(K, K2, with_other));
    state(K, {K}, "none");
}

TEST_P(RegisteringRow, R71APathThatIsDownIsLeftToMultipathd) {
    for (const Health health : {Health::kOffline, Health::kUnnoticed}) {
        becomes(0, health);
        good(reg(0, K));
        state(K, {}, "none");
        EXPECT_EQ(world.lun.unit().registrations().size(), last_path());
        world.path_returns(0);
        next_change_repairs();
        state(K, {}, "none");
        good(reg(K, 0));
        state(0, {}, "none");
    }
}

TEST_P(RegisteringRow, APathThatMissedUnregisteringIsUnregisteredWhenItIsBack) {
    good(reg(0, K));
    becomes(last_path(), Health::kOffline);
    good(reg(K, 0));
    world.path_returns(last_path());
    next_change_repairs();
    state(0, {}, "none");
}

TEST_P(RegisteringRow, ANewPathIsRegistered) {
    becomes(last_path(), Health::kRemoved);
    world.paths.refresh();
    good(reg(0, K));
    becomes(last_path(), Health::kOnline);
    world.paths.refresh();
    next_change_repairs();
    state(K, {}, "none");
}

TEST_P(RegisteringRow, MultipathdKnowsTheKeyExactlyWhileWeAreRegistered) {
    if (GetParam().manager != FakeManager::Kind::kPresent) GTEST_SKIP();
    good(reg(0, K, {.aptpl = true}));
    EXPECT_EQ(world.manager.key(), (PathManager::Key{{K}, true}));
    EXPECT_TRUE(world.manager.registered());
    good(reg(K, K2));
    EXPECT_EQ(world.manager.key(), (PathManager::Key{{K2}, false}));
    conflicts(reg(K, J));
    EXPECT_EQ(world.manager.key(), (PathManager::Key{{K2}, false}));
    EXPECT_FALSE(world.manager.holding());
    good(reserve(K2, 5));
    EXPECT_TRUE(world.manager.holding());
    good(reg(K2, 0));
    EXPECT_EQ(world.manager.key(), std::nullopt);
    EXPECT_FALSE(world.manager.registered());
    EXPECT_FALSE(world.manager.holding());
    conflicts(reg(K2, K));
    EXPECT_EQ(world.manager.key(), std::nullopt);
}

TEST_P(RegisteringRow, R73TheDeadHolderIsUnregisteredAndReleases) {
    other(reg(0, J));
    for (const Health health : {Health::kOffline, Health::kUnnoticed}) {
        guest_holds_through(0);
        becomes(0, health);
        good(reg(K, 0));
        state(0, {J}, "none");
        EXPECT_EQ(world.lun.unit().registrations().size(), 1U) << "the dead path is still registered";
        other_is_told("6/2a/04");
        world.path_returns(0);
        next_change_repairs();
        state(0, {J}, "none");
    }
}

TEST_P(RegisteringRow, R74TheDeadHoldersReservationGetsTheNewKey) {
    guest_holds_through(0);
    other(reg(0, J));
    becomes(0, Health::kOffline);
    good(reg(K, K2));
    state(K2, {J}, "5 by 1112");
    world.path_returns(0);
    next_change_repairs();
    state(K2, {J}, "5 by 1112");
}

}  // namespace
}  // namespace prh::multipath
