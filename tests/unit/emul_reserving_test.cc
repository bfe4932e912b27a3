// SPDX-License-Identifier: MIT
// RESERVE (SPC-4 5.13.9), RELEASE (5.13.11.2.2), and who may read and write (table 66).
#include <gtest/gtest.h>

#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

constexpr std::uint8_t kTypes[] = {1, 3, 5, 6, 7, 8};

class Reserving : public testing::Test {
  protected:
    void SetUp() override {
        a.registers(0, 0x11);
        b.registers(0, 0x22);
    }
    LogicalUnit unit;
    Host a{unit, nexus(1)};
    Host b{unit, nexus(2)};
    Host stranger{unit, nexus(9)};
};

TEST_F(Reserving, EveryTypeCanBeReservedAndReleased) {
    for (const std::uint8_t type : kTypes) {
        EXPECT_EQ(a.reserves(0x11, type), "GOOD");
        EXPECT_EQ(held(unit), std::to_string(type) + (type < 7 ? " by 11" : " by 0"));
        EXPECT_EQ(a.releases(0x11, type), "GOOD");
        EXPECT_EQ(held(unit), "none");
        b.notices();
    }
    EXPECT_EQ(unit.generation(), 2U) << "neither counts (SPC-4 6.15.2)";
}

TEST_F(Reserving, ATypeThatSpc4HasNotIsAnError) {
    for (const std::uint8_t type : std::vector<std::uint8_t>{0, 2, 4, 9, 15}) {
        EXPECT_EQ(a.reserves(0x11, type), "5/24/00");
        EXPECT_EQ(a.releases(0x11, type), "5/24/00");
    }
    EXPECT_EQ(held(unit), "none");
}

TEST_F(Reserving, AScopeOtherThanTheLogicalUnitIsAnError) {
    for (const std::uint8_t scope : std::vector<std::uint8_t>{1, 2, 15}) {
        EXPECT_EQ(a.reserves(0x11, kWriteExclusive, scope), "5/24/00");
        EXPECT_EQ(a.releases(0x11, kWriteExclusive, scope), "5/24/00");
    }
    EXPECT_EQ(held(unit), "none");
}

TEST_F(Reserving, AnUnregisteredNexusConflicts) {
    EXPECT_EQ(stranger.reserves(0, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(stranger.releases(0, kWriteExclusive), "CONFLICT");
    a.reserves(0x11, kWriteExclusiveAllRegistrants);
    EXPECT_EQ(stranger.reserves(0x11, kWriteExclusiveAllRegistrants), "CONFLICT");
    EXPECT_EQ(stranger.releases(0x11, kWriteExclusiveAllRegistrants), "CONFLICT");
    EXPECT_EQ(held(unit), "7 by 0");
}

TEST_F(Reserving, AWrongKeyConflicts) {
    EXPECT_EQ(a.reserves(0x22, kWriteExclusive), "CONFLICT");
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.releases(0x22, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(b.releases(0x11, kWriteExclusive), "CONFLICT") << "verified for a non-holder too";
    EXPECT_EQ(held(unit), "1 by 11");
}

TEST_F(Reserving, TheHolderMayReserveTheSameAgain) {
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(a.reserves(0x11, kWriteExclusiveRegistrantsOnly), "GOOD");
    EXPECT_EQ(a.reserves(0x11, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(held(unit), "5 by 11");
}

TEST_F(Reserving, NobodyElseMayReserveWhatIsHeld) {
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(b.reserves(0x22, kWriteExclusiveRegistrantsOnly), "CONFLICT");
    EXPECT_EQ(held(unit), "5 by 11");
}

TEST_F(Reserving, EveryRegistrantHoldsAnAllRegistrantsReservation) {
    a.reserves(0x11, kExclusiveAccessAllRegistrants);
    EXPECT_EQ(b.reserves(0x22, kExclusiveAccessAllRegistrants), "GOOD");
    EXPECT_EQ(b.reserves(0x22, kWriteExclusiveAllRegistrants), "CONFLICT");
    EXPECT_TRUE(unit.is_holder(a.name()));
    EXPECT_TRUE(unit.is_holder(b.name()));
    EXPECT_FALSE(unit.is_holder(stranger.name()));
    EXPECT_EQ(b.releases(0x22, kExclusiveAccessAllRegistrants), "GOOD");
    EXPECT_EQ(held(unit), "none");
    EXPECT_EQ(a.notices(), "6/2a/04");
}

TEST_F(Reserving, ReleaseByNonHolderLeavesTheReservation) {
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(b.releases(0x22, kWriteExclusiveRegistrantsOnly), "GOOD");
    EXPECT_EQ(b.releases(0x22, kExclusiveAccess), "GOOD") << "whatever type it names";
    EXPECT_EQ(held(unit), "5 by 11");
    EXPECT_EQ(a.notices(), "GOOD");
}

TEST_F(Reserving, ReleaseOfNothingIsGood) {
    EXPECT_EQ(a.releases(0x11, kWriteExclusive), "GOOD");
    EXPECT_EQ(b.notices(), "GOOD");
}

TEST_F(Reserving, ReleaseOfAnotherTypeByTheHolderIsAnInvalidRelease) {
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.releases(0x11, kExclusiveAccess), "5/26/04");
    a.releases(0x11, kWriteExclusive);
    a.reserves(0x11, kWriteExclusiveAllRegistrants);
    EXPECT_EQ(b.releases(0x22, kExclusiveAccessAllRegistrants), "5/26/04");
    EXPECT_EQ(held(unit), "7 by 0");
}

TEST_F(Reserving, ReleaseTellsTheOtherRegistrantsOfASharedReservation) {
    for (const std::uint8_t type : kTypes) {
        a.reserves(0x11, type);
        a.releases(0x11, type);
        EXPECT_EQ(b.notices(), type >= 5 ? "6/2a/04" : "GOOD") << "type " << int{type};
        EXPECT_EQ(a.notices(), "GOOD");
        EXPECT_EQ(stranger.notices(), "GOOD");
    }
}

TEST_F(Reserving, AUnitAttentionIsReportedInsteadOfTheCommand) {
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    a.releases(0x11, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(b.reserves(0x22, kExclusiveAccess), "6/2a/04");
    EXPECT_EQ(held(unit), "none");
    EXPECT_EQ(b.reserves(0x22, kExclusiveAccess), "GOOD");
}

TEST_F(Reserving, UnitAttentionsComeInOrderAndEachOnce) {
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    a.releases(0x11, kWriteExclusiveRegistrantsOnly);
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    a.releases(0x11, kWriteExclusiveRegistrantsOnly);
    a.clears(0x11);
    EXPECT_EQ(b.notices(), "6/2a/04");
    EXPECT_EQ(b.notices(), "6/2a/03");
    EXPECT_EQ(b.notices(), "GOOD");
}

struct Access {
    std::uint8_t type;
    const char* holder;  ///< "rw", "r" or ""
    const char* registrant;
    const char* stranger;
};

std::string access(const Host& host) {
    return std::string(host.may_read() ? "r" : "") + (host.may_write() ? "w" : "");
}

class Table66 : public testing::TestWithParam<Access> {};

TEST_P(Table66, SaysWhoMayReadAndWrite) {
    LogicalUnit unit;
    Host holder{unit, nexus(1)};
    Host registrant{unit, nexus(2)};
    Host stranger{unit, nexus(3)};
    holder.registers(0, 0x11);
    registrant.registers(0, 0x22);
    EXPECT_EQ(access(stranger), "rw") << "nothing is reserved";
    ASSERT_EQ(holder.reserves(0x11, GetParam().type), "GOOD");
    EXPECT_EQ(access(holder), GetParam().holder);
    EXPECT_EQ(access(registrant), GetParam().registrant);
    EXPECT_EQ(access(stranger), GetParam().stranger);
}

INSTANTIATE_TEST_SUITE_P(EveryType, Table66,
                         testing::Values(Access{1, "rw", "r", "r"}, Access{3, "rw", "", ""},
                                         Access{5, "rw", "rw", "r"}, Access{6, "rw", "rw", ""},
                                         Access{7, "rw", "rw", "r"}, Access{8, "rw", "rw", ""}),
                         [](const auto& each) { return "Type" + std::to_string(each.param.type); });

}  // namespace
}  // namespace prh::test
