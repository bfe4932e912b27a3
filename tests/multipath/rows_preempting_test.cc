// SPDX-License-Identifier: MIT
// Rows 38-50 and 76 of the table: preempting others, everybody and oneself.
#include "multipath/row.h"

namespace prh::multipath {
namespace {

constexpr std::uint64_t kUnknownKey = 0x5555;

class PreemptingRow : public Row {
  protected:
    void both_registered() {
        good(reg(0, K));
        other(reg(0, J));
    }
    void other_holds(std::uint8_t type) {
        both_registered();
        other(reserve(J, type));
    }
};
INSTANTIATE_TEST_SUITE_P(Map, PreemptingRow, testing::ValuesIn(every_setting()), setting_name);

TEST_P(PreemptingRow, R38And49TheHolderIsPreempted) {
    for (const bool abort : {false, true}) {
        other_holds(5);
        good(abort ? preempt_and_abort(K, J, 6) : preempt(K, J, 5));
        other_is_told("6/2a/05");
        state(K, {}, abort ? "6 by 1111" : "5 by 1111");
        good(clear(K));
    }
}

TEST_P(PreemptingRow, R39ARegistrationIsPreempted) {
    both_registered();
    good(preempt(K, J, 5));
    other_is_told("6/2a/05");
    state(K, {}, "none");
}

TEST_P(PreemptingRow, ARegistrationIsPreemptedWhileWeHoldThroughAnyPath) {
    for (const std::size_t path : {std::size_t{0}, last_path()}) {
        guest_holds_through(path);
        other(reg(0, J));
        good(preempt(K, J, 5));
        other_is_told("6/2a/05");
        state(K, {}, "5 by 1111");
        good(clear(K));
    }
}

TEST_P(PreemptingRow, R40And50AKeyThatNobodyHasIsAConflict) {
    other_holds(5);
    conflicts(preempt(K, kUnknownKey, 5));
    conflicts(preempt_and_abort(K, kUnknownKey, 6));
    state(K, {J}, "5 by 2222");
}

TEST_P(PreemptingRow, R41KeyZeroIsRefusedWhereNotAllRegistrantsHold) {
    both_registered();
    gives("5/26/00", preempt(K, 0, 5));
    other(reserve(J, 5));
    gives("5/26/00", preempt(K, 0, 5));
    state(K, {J}, "5 by 2222");
}

TEST_P(PreemptingRow, R42KeyZeroTakesEverybodysRegistrationButOurs) {
    for (const bool abort : {false, true}) {
        other_holds(7);
        good(abort ? preempt_and_abort(K, 0, 5) : preempt(K, 0, 5));
        other_is_told("6/2a/05");
        state(K, {}, "5 by 1111");
        good(clear(K));
    }
}

TEST_P(PreemptingRow, R43ARegistrantOfAllIsPreempted) {
    other_holds(7);
    good(preempt(K, J, 7));
    other_is_told("6/2a/05");
    state(K, {}, "7 by 0");
}

TEST_P(PreemptingRow, R44And45TheHolderPreemptsItselfWhicheverPathHolds) {
    for (const std::uint8_t type : std::vector<std::uint8_t>{5, 6, 7, 8})
        for (const std::size_t path : {std::size_t{0}, last_path()}) {
            SCOPED_TRACE(int{type});
            guest_holds_through(path);
            other(reg(0, J));
            good(preempt(K, K, type));
            other_is_told(type == 5 ? "" : "6/2a/04");
            state(K, {J}, std::to_string(type) + (type >= 7 ? " by 0" : " by 1111"));
            good(clear(K));
            other_is_told("6/2a/03");
        }
}

TEST_P(PreemptingRow, TheHolderPreemptsItselfAlthoughThePathThatHoldsIsDead) {
    for (const Health health : {Health::kOffline, Health::kUnnoticed}) {
        guest_holds_through(0);
        other(reg(0, J));
        becomes(0, health);
        good(preempt(K, K, 6));
        state(K, {J}, "6 by 1111");
        world.path_returns(0);
        next_change_repairs();
        state(K, {J}, "6 by 1111");
        good(clear(K));
        other_is_told("6/2a/04 6/2a/03");
    }
}

TEST_P(PreemptingRow, R46PreemptingOneselfWhereNothingIsHeldUnregisters) {
    good(reg(0, K));
    good(preempt(K, K, 5));
    state(0, {}, "none");
}

TEST_P(PreemptingRow, PreemptingOneselfWhereAnotherHoldsUnregisters) {
    other_holds(5);
    good(preempt(K, K, 5));
    state(0, {J}, "5 by 2222");
}

TEST_P(PreemptingRow, R47OnlyTheRegisteredWithTheirKeyPreempt) {
    other(reg(0, J));
    other(reserve(J, 5));
    conflicts(preempt(K, J, 5));
    good(reg(0, K));
    conflicts(preempt(kWrongKey, J, 5));
    conflicts(preempt(kWrongKey, K, 5));
    state(K, {J}, "5 by 2222");
}

TEST_P(PreemptingRow, R48WhatIsNoTypeOrScopeIsRefused) {
    other_holds(5);
    gives("5/24/00", preempt(K, J, 0));
    gives("5/24/00", "5/26/00", preempt(K, J, 5, 1));
    state(K, {J}, "5 by 2222");
}

TEST_P(PreemptingRow, R48PreemptingOneselfWrongRestoresTheKeys) {
    for (const std::size_t path : {std::size_t{0}, last_path()}) {
        guest_holds_through(path);
        gives("5/24/00", preempt(K, K, 0));
        gives("5/24/00", "5/26/00", preempt(K, K, 5, 1));
        state(K, {}, "5 by 1111");
        good(clear(K));
    }
}

TEST_P(PreemptingRow, R76AMigratedGuestTakesOverFromItsSource) {
    for (const std::uint8_t type : std::vector<std::uint8_t>{5, 6}) {
        other(reg(0, K));
        other(reserve(K, type));
        good(reg(0, K));
        good(preempt(K, K, type));
        other_is_told("6/2a/05");
        state(K, {}, std::to_string(type) + " by 1111");
        EXPECT_TRUE(world.we_hold());
        EXPECT_EQ(world.other(reserve(K, type)), "CONFLICT");
        good(clear(K));
    }
}

TEST_P(PreemptingRow, R76AMigratedGuestWithOneDeadPathTakesOverToo) {
    other(reg(0, K));
    other(reserve(K, 5));
    becomes(0, Health::kUnnoticed);
    good(reg(0, K));
    good(preempt(K, K, 5));
    state(K, {}, "5 by 1111");
    world.path_returns(0);
    next_change_repairs();
    state(K, {}, "5 by 1111");
}

TEST_P(PreemptingRow, TheSourceOfAMigrationForgetsItsKeyAndLeavesTheReservation) {
    good(reg(0, K));
    good(reserve(K, 5));
    other(reg(0, K));
    other(preempt(K, K, 5));
    EXPECT_EQ(world.clean_up(), "GOOD");
    state(0, {K}, "5 by 1111");
    EXPECT_EQ(world.manager.key(), std::nullopt);
    EXPECT_FALSE(world.manager.registered());
}

}  // namespace
}  // namespace prh::multipath
