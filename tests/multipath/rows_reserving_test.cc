// SPDX-License-Identifier: MIT
// Rows 11-37, 51-53, 72, 73 and 75 of the table: reserving, releasing, clearing.
#include "multipath/row.h"

namespace prh::multipath {
namespace {

class ReservingRow : public Row {
  protected:
    void both_registered() {
        good(reg(0, K));
        other(reg(0, J));
    }
    void other_holds(std::uint8_t type) {
        other(reg(0, J));
        other(reserve(J, type));
    }
    std::string held(unsigned type) { return std::to_string(type) + (type >= 7 ? " by 0" : " by 1111"); }
};
INSTANTIATE_TEST_SUITE_P(Map, ReservingRow, testing::ValuesIn(every_setting()), setting_name);

TEST_P(ReservingRow, R11To16EveryTypeIsReservedAndReported) {
    for (const std::uint8_t type : std::vector<std::uint8_t>{1, 3, 5, 6, 7, 8}) {
        SCOPED_TRACE(int{type});
        good(reg(0, K));
        good(reserve(K, type));
        state(K, {}, held(type));
        good(read(PrInAction::ReadReservation));
        const auto seen = ReadReservationData::parse(world.data());
        ASSERT_TRUE(seen && seen->held);
        EXPECT_EQ(*seen->held, (HeldReservation{{type >= 7 ? 0U : K}, 0, type}));
        good(clear(K));
    }
}

TEST_P(ReservingRow, R17And18WhatIsNoTypeOrScopeIsRefused) {
    good(reg(0, K));
    for (const std::uint8_t type : std::vector<std::uint8_t>{0, 2, 4, 9, 15})
        gives("5/24/00", reserve(K, type));
    for (const std::uint8_t scope : std::vector<std::uint8_t>{1, 2})
        gives("5/24/00", "5/26/00", reserve(K, 5, scope));
    state(K, {}, "none");
}

TEST_P(ReservingRow, R19To21OnlyTheRegisteredWithTheirKeyReserve) {
    gives("CONFLICT", "2/08/00", reserve(K, 5));
    good(reg(0, K));
    conflicts(reserve(kWrongKey, 5));
    good(reg(K, 0));
    other_holds(5);
    conflicts(reserve(K, 5));
    state(0, {J}, "5 by 2222");
}

TEST_P(ReservingRow, R22ReservingAgainIsGoodWhicheverPathHolds) {
    for (const std::size_t path : {std::size_t{0}, last_path()}) {
        guest_holds_through(path);
        good(reserve(K, 5));
        state(K, {}, "5 by 1111");
        conflicts(reserve(K, 1));
        conflicts(reserve(K, 6));
        state(K, {}, "5 by 1111");
        good(clear(K));
    }
}

TEST_P(ReservingRow, R24WhatAnotherHostHoldsIsAConflict) {
    both_registered();
    other(reserve(J, 5));
    conflicts(reserve(K, 5));
    state(K, {J}, "5 by 2222");
}

TEST_P(ReservingRow, AForeignHolderWithOurKeyIsNotUs) {
    other(reg(0, K));
    other(reserve(K, 5));
    good(reg(0, K));
    conflicts(reserve(K, 5));
    good(release(K, 5));
    state(K, {K}, "5 by 1111");
    EXPECT_FALSE(world.we_hold());
}

TEST_P(ReservingRow, R25AllRegistrantsHoldTogether) {
    other_holds(7);
    good(reg(0, K));
    good(reserve(K, 7));
    conflicts(reserve(K, 5));
    state(K, {J}, "7 by 0");
}

TEST_P(ReservingRow, R26ReleasingKeepsTheKeysWhicheverPathHolds) {
    for (const std::uint8_t type : std::vector<std::uint8_t>{1, 3, 5, 6, 7, 8})
        for (const std::size_t path : {std::size_t{0}, last_path()}) {
            SCOPED_TRACE(int{type});
            guest_holds_through(path, type);
            good(release(K, type));
            state(K, {}, "none");
            good(reg(K, 0));
        }
}

TEST_P(ReservingRow, R27And28AWrongReleaseLeavesTheReservation) {
    for (const std::size_t path : {std::size_t{0}, last_path()}) {
        guest_holds_through(path);
        gives("5/26/04", "CONFLICT", release(K, 1));
        gives("5/24/00", "CONFLICT", release(K, 5, 1));
        conflicts(release(kWrongKey, 5));
        state(K, {}, "5 by 1111");
        good(clear(K));
    }
}

TEST_P(ReservingRow, R29ReleasingLeavesWhatAnotherHostHolds) {
    both_registered();
    other(reserve(J, 5));
    good(release(K, 5));
    gives("CONFLICT", "GOOD", release(kWrongKey, 5));
    state(K, {J}, "5 by 2222");
}

TEST_P(ReservingRow, R30And31ReleasingNothing) {
    gives("CONFLICT", "2/08/00", release(K, 5));
    good(reg(0, K));
    good(release(K, 5));
    good(reg(K, 0));
    other_holds(5);
    conflicts(release(K, 5));
    state(0, {J}, "5 by 2222");
}

TEST_P(ReservingRow, R32And33ReleasingTellsTheOtherHostAndNoneOfOurPaths) {
    for (const std::uint8_t type : std::vector<std::uint8_t>{1, 5, 6, 7, 8}) {
        SCOPED_TRACE(int{type});
        both_registered();
        good(reserve(K, type));
        good(release(K, type));
        other_is_told(type == 1 ? "" : "6/2a/04");
        state(K, {J}, "none");
        good(reg(K, 0));
        other(reg(J, 0));
    }
}

TEST_P(ReservingRow, R34TheGuestSeesAUnitAttentionOnce) {
    good(reg(0, K));
    good(reserve(K, 7));
    other(reg(0, J));
    other(release(J, 7));
    gives("6/2a/04", reserve(K, 7));
    good(reserve(K, 7));
    other(release(J, 7));
    gives("6/2a/04", read_keys());
    good(read_keys());
}

TEST_P(ReservingRow, TheGuestSeesEachOfTwoUnitAttentionsOnce) {
    good(reg(0, K));
    good(reserve(K, 7));
    other(reg(0, J));
    other(release(J, 7));
    other(clear(J));
    gives("6/2a/04", read_keys());
    gives("6/2a/03", read_keys());
    good(read_keys());
    state(0, {}, "none");
}

TEST_P(ReservingRow, R35To37Clearing) {
    both_registered();
    other(reserve(J, 5));
    conflicts(clear(kWrongKey));
    state(K, {J}, "5 by 2222");
    good(clear(K));
    other_is_told("6/2a/03");
    state(0, {}, "none");
    gives("CONFLICT", "2/08/00", clear(K));
    other_holds(5);
    conflicts(clear(K));
    state(0, {J}, "5 by 2222");
}

TEST_P(ReservingRow, R51To53UnregisteringTheHolder) {
    for (const std::uint8_t type : std::vector<std::uint8_t>{1, 5, 7})
        for (const std::size_t path : {std::size_t{0}, last_path()}) {
            SCOPED_TRACE(int{type});
            guest_holds_through(type == 1 ? 0 : path, type);
            other(reg(0, J));
            good(reg(K, 0));
            other_is_told(type == 5 ? "6/2a/04" : "");
            state(0, {J}, type == 7 ? "7 by 0" : "none");
            other(clear(J));
        }
}

TEST_P(ReservingRow, R72ReleasingWhatADeadPathHoldsKeepsTheOtherHost) {
    for (const Health health : {Health::kOffline, Health::kUnnoticed}) {
        guest_holds_through(0);
        other(reg(0, J));
        becomes(0, health);
        good(release(K, 5));
        state(K, {J}, "none");
        other_is_told("6/2a/04");
        world.path_returns(0);
        next_change_repairs();
        state(K, {J}, "none");
        other(clear(J));
        gives("6/2a/03", read_keys());
    }
}

TEST_P(ReservingRow, AWrongReleaseOfWhatADeadPathHoldsChangesNothing) {
    guest_holds_through(0);
    becomes(0, Health::kOffline);
    EXPECT_NE(world.guest(release(kWrongKey, 5)), "GOOD");
    state(K, {}, "5 by 1111");
    EXPECT_NE(world.guest(release(K, 6)), "GOOD");
    state(K, {}, "5 by 1111");
    EXPECT_EQ(world.difference(), "");
}

TEST_P(ReservingRow, R75ReservingAgainWhatADeadPathHoldsIsGood) {
    for (const Health health : {Health::kOffline, Health::kUnnoticed}) {
        guest_holds_through(0);
        becomes(0, health);
        good(reserve(K, 5));
        state(K, {}, "5 by 1111");
        EXPECT_TRUE(world.we_hold());
        world.path_returns(0);
        good(clear(K));
    }
}

}  // namespace
}  // namespace prh::multipath
