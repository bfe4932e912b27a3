// SPDX-License-Identifier: MIT
// PREEMPT, PREEMPT AND ABORT (SPC-4 5.13.11.2.4 to .6) and CLEAR (5.13.11.2.7).
#include <gtest/gtest.h>

#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

using Keys = std::vector<std::uint64_t>;

class Preempting : public testing::Test {
  protected:
    void SetUp() override {
        a.registers(0, 0x11);
        b.registers(0, 0x22);
        c.registers(0, 0x33);
        generation = unit.generation();
    }
    LogicalUnit unit;
    Host a{unit, nexus(1)};
    Host b{unit, nexus(2)};
    Host c{unit, nexus(3)};
    Host stranger{unit, nexus(9)};
    std::uint32_t generation = 0;
};

TEST_F(Preempting, TheHoldersKeyTakesTheReservationAndItsRegistration) {
    b.reserves(0x22, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(a.preempts(0x11, 0x22, kWriteExclusiveRegistrantsOnly), "GOOD");
    EXPECT_EQ(held(unit), "5 by 11");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x33}));
    EXPECT_EQ(unit.generation(), generation + 1);
    EXPECT_EQ(b.notices(), "6/2a/05");
    EXPECT_EQ(b.notices(), "GOOD");
    EXPECT_EQ(c.notices(), "GOOD") << "the type is as it was";
    EXPECT_EQ(a.notices(), "GOOD");
}

TEST_F(Preempting, AnotherTypeReleasesForWhoStays) {
    b.reserves(0x22, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(a.preempts(0x11, 0x22, kExclusiveAccess), "GOOD");
    EXPECT_EQ(held(unit), "3 by 11");
    EXPECT_EQ(b.notices(), "6/2a/05");
    EXPECT_EQ(c.notices(), "6/2a/04");
    EXPECT_EQ(a.notices(), "GOOD");
}

TEST_F(Preempting, EveryNexusWithTheHoldersKeyGoesButNotTheSender) {
    a.registers(0x11, 0x22);
    c.registers(0x33, 0x22);
    b.reserves(0x22, kWriteExclusive);
    EXPECT_EQ(a.preempts(0x22, 0x22, kWriteExclusive), "GOOD");
    EXPECT_EQ(keys(unit), Keys{0x22});
    EXPECT_TRUE(unit.is_holder(a.name()));
    EXPECT_EQ(b.notices(), "6/2a/05");
    EXPECT_EQ(c.notices(), "6/2a/05");
}

TEST_F(Preempting, TheHolderPreemptsItselfToChangeTheType) {
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.preempts(0x11, 0x11, kWriteExclusiveRegistrantsOnly), "GOOD");
    EXPECT_EQ(held(unit), "5 by 11");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x22, 0x33}));
    EXPECT_EQ(a.notices(), "GOOD");
    EXPECT_EQ(b.notices(), "6/2a/04");
}

TEST_F(Preempting, AnotherKeyThanTheHoldersRemovesRegistrationsOnly) {
    b.reserves(0x22, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(a.preempts(0x11, 0x33, kExclusiveAccess), "GOOD");
    EXPECT_EQ(held(unit), "5 by 22");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x22}));
    EXPECT_EQ(c.notices(), "6/2a/05");
    EXPECT_EQ(b.notices(), "GOOD");
    EXPECT_EQ(unit.generation(), generation + 1);
}

TEST_F(Preempting, WithoutReservationRegistrationsGo) {
    EXPECT_EQ(a.preempts(0x11, 0x22, kWriteExclusive), "GOOD");
    EXPECT_EQ(held(unit), "none");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x33}));
    EXPECT_EQ(b.notices(), "6/2a/05");
}

TEST_F(Preempting, WithoutReservationOnesOwnKeyRemovesOneself) {
    EXPECT_EQ(a.preempts(0x11, 0x11, kWriteExclusive), "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x22, 0x33}));
    EXPECT_EQ(a.notices(), "GOOD") << "the sender knows";
}

TEST_F(Preempting, ScopeAndTypeAreIgnoredWhereOnlyRegistrationsGo) {
    EXPECT_EQ(a.preempts(0x11, 0x22, 0), "GOOD");
    EXPECT_EQ(a.preempts(0x11, 0x33, 15, 3), "GOOD");
    EXPECT_EQ(keys(unit), Keys{0x11});
}

TEST_F(Preempting, ScopeAndTypeCountWhereTheReservationIsTaken) {
    b.reserves(0x22, kWriteExclusive);
    EXPECT_EQ(a.preempts(0x11, 0x22, 0), "5/24/00");
    EXPECT_EQ(a.preempts(0x11, 0x22, kWriteExclusive, 1), "5/24/00");
    EXPECT_EQ(held(unit), "1 by 22");
    EXPECT_EQ(unit.generation(), generation);
}

TEST_F(Preempting, AKeyThatNobodyHasConflicts) {
    EXPECT_EQ(a.preempts(0x11, 0x99, kWriteExclusive), "CONFLICT");
    a.reserves(0x11, kWriteExclusiveAllRegistrants);
    EXPECT_EQ(b.preempts(0x22, 0x99, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(unit.generation(), generation);
}

TEST_F(Preempting, KeyZeroIsAnErrorUnlessAllRegistrantsHold) {
    EXPECT_EQ(a.preempts(0x11, 0, kWriteExclusive), "5/26/00");
    b.reserves(0x22, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(a.preempts(0x11, 0, kWriteExclusive), "5/26/00");
    EXPECT_EQ(held(unit), "5 by 22");
}

TEST_F(Preempting, KeyZeroTakesAnAllRegistrantsReservationFromEverybody) {
    b.reserves(0x22, kWriteExclusiveAllRegistrants);
    EXPECT_EQ(a.preempts(0x11, 0, kWriteExclusiveRegistrantsOnly), "GOOD");
    EXPECT_EQ(held(unit), "5 by 11");
    EXPECT_EQ(keys(unit), Keys{0x11});
    EXPECT_EQ(b.notices(), "6/2a/05");
    EXPECT_EQ(c.notices(), "6/2a/05");
    EXPECT_EQ(c.notices(), "GOOD");
    EXPECT_EQ(a.notices(), "GOOD");
}

TEST_F(Preempting, AKeyRemovesRegistrationsFromAnAllRegistrantsReservation) {
    b.reserves(0x22, kExclusiveAccessAllRegistrants);
    EXPECT_EQ(a.preempts(0x11, 0x22, kWriteExclusive), "GOOD");
    EXPECT_EQ(held(unit), "8 by 0");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x33}));
    EXPECT_EQ(b.notices(), "6/2a/05");
    EXPECT_EQ(c.notices(), "GOOD");
}

TEST_F(Preempting, AnAllRegistrantsReservationEndsWithItsLastRegistration) {
    b.registers(0x22, 0);
    c.registers(0x33, 0);
    a.reserves(0x11, kWriteExclusiveAllRegistrants);
    EXPECT_EQ(a.preempts(0x11, 0x11, kWriteExclusiveAllRegistrants), "GOOD");
    EXPECT_EQ(held(unit), "none");
    EXPECT_EQ(keys(unit), Keys{});
}

TEST_F(Preempting, UnregisteredOrWithAWrongKeyItConflicts) {
    EXPECT_EQ(stranger.preempts(0, 0x22, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(stranger.preempts_and_aborts(0x11, 0x22, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(a.preempts(0x99, 0x22, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x22, 0x33}));
    EXPECT_EQ(unit.generation(), generation);
}

TEST_F(Preempting, AndAbortPreemptsAlike) {
    b.reserves(0x22, kWriteExclusive);
    EXPECT_EQ(a.preempts_and_aborts(0x11, 0x22, kExclusiveAccessAllRegistrants), "GOOD");
    EXPECT_EQ(held(unit), "8 by 0");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x33}));
    EXPECT_EQ(b.notices(), "6/2a/05");
    EXPECT_EQ(c.notices(), "6/2a/04");
    EXPECT_EQ(unit.generation(), generation + 1);
}

TEST_F(Preempting, ThePreemptedHostMayRegisterAgain) {
    b.reserves(0x22, kWriteExclusiveRegistrantsOnly);
    a.preempts(0x11, 0x22, kWriteExclusiveRegistrantsOnly);
    EXPECT_FALSE(b.may_write());
    EXPECT_EQ(b.registers(0, 0x22), "6/2a/05");
    EXPECT_EQ(b.registers(0x22, 0x23), "CONFLICT") << "its old key is worth nothing";
    EXPECT_EQ(b.registers(0, 0x22), "GOOD");
}

TEST_F(Preempting, ClearRemovesEverythingAndTellsTheOthers) {
    b.reserves(0x22, kWriteExclusive);
    EXPECT_EQ(a.clears(0x11), "GOOD");
    EXPECT_EQ(held(unit), "none");
    EXPECT_EQ(keys(unit), Keys{});
    EXPECT_EQ(unit.generation(), generation + 1);
    EXPECT_EQ(a.notices(), "GOOD");
    EXPECT_EQ(b.notices(), "6/2a/03");
    EXPECT_EQ(c.notices(), "6/2a/03");
    EXPECT_EQ(stranger.notices(), "GOOD");
}

TEST_F(Preempting, ClearUnregisteredOrWithAWrongKeyConflicts) {
    EXPECT_EQ(stranger.clears(0), "CONFLICT");
    b.reserves(0x22, kWriteExclusive);
    EXPECT_EQ(stranger.clears(0x22), "CONFLICT");
    EXPECT_EQ(a.clears(0x22), "CONFLICT");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x22, 0x33}));
    EXPECT_EQ(unit.generation(), generation);
}

}  // namespace
}  // namespace prh::test
