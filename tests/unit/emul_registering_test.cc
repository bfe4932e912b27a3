// SPDX-License-Identifier: MIT
// REGISTER and REGISTER AND IGNORE EXISTING KEY (SPC-4 5.13.7), and what unregistering does to a reservation
// (5.13.11.2.3).
#include <gtest/gtest.h>

#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

using Keys = std::vector<std::uint64_t>;

class Registering : public testing::Test {
  protected:
    LogicalUnit unit;
    Host a{unit, nexus(1)};
    Host b{unit, nexus(2)};
    Host c{unit, nexus(3)};
};

TEST_F(Registering, AnUnregisteredNexusRegistersWithKeyZero) {
    EXPECT_EQ(a.registers(0, 0x11), "GOOD");
    EXPECT_EQ(keys(unit), Keys{0x11});
    EXPECT_EQ(unit.generation(), 1U);
}

TEST_F(Registering, AnUnregisteredNexusThatGivesAKeyConflicts) {
    EXPECT_EQ(a.registers(5, 0x11), "CONFLICT");
    EXPECT_EQ(unit, LogicalUnit());
}

TEST_F(Registering, AnUnregisteredNexusThatUnregistersDoesNothing) {
    EXPECT_EQ(a.registers(0, 0), "GOOD");
    EXPECT_EQ(a.registers_ignoring(0x77, 0), "GOOD");
    EXPECT_EQ(unit, LogicalUnit()) << "not even PRGENERATION";
}

TEST_F(Registering, ARegisteredNexusChangesItsKeyWithItsKey) {
    a.registers(0, 0x11);
    EXPECT_EQ(a.registers(0x11, 0x12), "GOOD");
    EXPECT_EQ(keys(unit), Keys{0x12});
    EXPECT_EQ(unit.generation(), 2U);
}

TEST_F(Registering, ARegisteredNexusWithAnotherKeyConflicts) {
    a.registers(0, 0x11);
    EXPECT_EQ(a.registers(0x99, 0x12), "CONFLICT");
    EXPECT_EQ(a.registers(0, 0x12), "CONFLICT");
    EXPECT_EQ(a.registers(0x99, 0), "CONFLICT");
    EXPECT_EQ(keys(unit), Keys{0x11});
    EXPECT_EQ(unit.generation(), 1U);
}

TEST_F(Registering, IgnoringTheExistingKeyNeverConflicts) {
    EXPECT_EQ(a.registers_ignoring(0x99, 0x11), "GOOD");
    EXPECT_EQ(a.registers_ignoring(0x77, 0x12), "GOOD");
    EXPECT_EQ(keys(unit), Keys{0x12});
    EXPECT_EQ(a.registers_ignoring(0x55, 0), "GOOD");
    EXPECT_EQ(keys(unit), Keys{});
    EXPECT_EQ(unit.generation(), 3U);
}

TEST_F(Registering, TwoNexusesMayHaveTheSameKey) {
    a.registers(0, 0x11);
    b.registers(0, 0x11);
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x11}));
}

TEST_F(Registering, RegisteringIsPossibleWhileAnotherHostHolds) {
    b.registers(0, 0x22);
    b.reserves(0x22, kExclusiveAccess);
    EXPECT_EQ(a.registers(0, 0x11), "GOOD");
    EXPECT_EQ(held(unit), "3 by 22");
}

TEST_F(Registering, TheReservationIsReportedWithTheHoldersNewKey) {
    a.registers(0, 0x11);
    a.reserves(0x11, kWriteExclusive);
    a.registers(0x11, 0x12);
    EXPECT_EQ(held(unit), "1 by 12");
}

TEST_F(Registering, UnregisteringTheHolderOfARegistrantsOnlyReservationReleasesAndTellsTheOthers) {
    a.registers(0, 0x11);
    b.registers(0, 0x22);
    c.registers(0, 0x33);
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(a.registers(0x11, 0), "GOOD");
    EXPECT_EQ(held(unit), "none");
    EXPECT_EQ(keys(unit), (Keys{0x22, 0x33}));
    EXPECT_EQ(a.notices(), "GOOD");
    EXPECT_EQ(b.notices(), "6/2a/04");
    EXPECT_EQ(b.notices(), "GOOD") << "reported once";
    EXPECT_EQ(c.notices(), "6/2a/04");
}

TEST_F(Registering, UnregisteringTheHolderOfAnExclusiveReservationReleasesInSilence) {
    for (const std::uint8_t type : {kWriteExclusive, kExclusiveAccess}) {
        a.registers_ignoring(0, 0x11);
        b.registers_ignoring(0, 0x22);
        ASSERT_EQ(a.reserves(0x11, type), "GOOD");
        EXPECT_EQ(a.registers(0x11, 0), "GOOD");
        EXPECT_EQ(held(unit), "none");
        EXPECT_EQ(b.notices(), "GOOD");
    }
}

TEST_F(Registering, UnregisteringANonHolderLeavesTheReservation) {
    a.registers(0, 0x11);
    b.registers(0, 0x22);
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(b.registers(0x22, 0), "GOOD");
    EXPECT_EQ(held(unit), "5 by 11");
    EXPECT_EQ(a.notices(), "GOOD");
}

TEST_F(Registering, AnAllRegistrantsReservationEndsWithItsLastRegistrant) {
    for (const std::uint8_t type : {kWriteExclusiveAllRegistrants, kExclusiveAccessAllRegistrants}) {
        a.registers(0, 0x11);
        b.registers(0, 0x22);
        ASSERT_EQ(a.reserves(0x11, type), "GOOD");
        EXPECT_EQ(a.registers(0x11, 0), "GOOD");
        EXPECT_EQ(held(unit), std::to_string(type) + " by 0") << "b still holds it";
        EXPECT_EQ(b.notices(), "GOOD");
        EXPECT_EQ(b.registers(0x22, 0), "GOOD");
        EXPECT_EQ(held(unit), "none");
    }
}

TEST_F(Registering, TheLimitIsAnErrorThatLeavesEverything) {
    unit = LogicalUnit({{1}, 2, false});
    a.registers(0, 0x11);
    b.registers(0, 0x22);
    EXPECT_EQ(c.registers(0, 0x33), "5/55/04");
    EXPECT_EQ(c.registers_ignoring(0, 0x33), "5/55/04");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x22}));
    EXPECT_EQ(unit.generation(), 2U);
    EXPECT_EQ(a.registers(0x11, 0x12), "GOOD") << "a change needs no room";
    EXPECT_EQ(b.registers(0x22, 0), "GOOD");
    EXPECT_EQ(c.registers(0, 0x33), "GOOD");
}

TEST_F(Registering, AKeyCanBeChangedAboveALimitThatWasLowered) {
    unit = LogicalUnit({{1}, 1, true}, {true, {{nexus(1), {0x11}}, {nexus(2), {0x22}}}, std::nullopt});
    EXPECT_EQ(a.registers(0x11, 0x12, {.aptpl = true}), "GOOD");
    EXPECT_EQ(c.registers(0, 0x33), "5/55/04");
    EXPECT_EQ(keys(unit), (Keys{0x12, 0x22}));
}

// APTPL

TEST_F(Registering, AptplIsRefusedWhereNothingPersists) {
    EXPECT_EQ(a.registers(0, 0x11, {.aptpl = true}), "5/26/00");
    EXPECT_EQ(a.registers_ignoring(0, 0x11, {.aptpl = true}), "5/26/00");
    EXPECT_EQ(unit, LogicalUnit());
}

TEST_F(Registering, TheLastAptplBitCounts) {
    unit = LogicalUnit({{1}, 10, true});
    a.registers(0, 0x11, {.aptpl = true});
    EXPECT_TRUE(unit.aptpl());
    b.registers(0, 0x22);
    EXPECT_FALSE(unit.aptpl());
    EXPECT_EQ(unit.left_by_power_loss(), AptplState{});
    a.registers_ignoring(0, 0x12, {.aptpl = true});
    EXPECT_TRUE(unit.aptpl());
    EXPECT_EQ(unit.left_by_power_loss().registrations.size(), 2U);
}

TEST_F(Registering, ARefusedRegisterLeavesAptpl) {
    unit = LogicalUnit({{1}, 10, true});
    a.registers(0, 0x11, {.aptpl = true});
    EXPECT_EQ(b.registers(5, 0x22), "CONFLICT");
    EXPECT_EQ(b.registers(0, 0), "GOOD");
    EXPECT_TRUE(unit.aptpl());
}

// SPEC_I_PT

TEST_F(Registering, SpecIPtRegistersTheNamedPortsToo) {
    EXPECT_EQ(
        a.registers(0, 0x11, {.spec_i_pt = true, .ids = {nexus(2).initiator_port, nexus(3).initiator_port}}),
        "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x11, 0x11}));
    EXPECT_EQ(unit.generation(), 1U);
    EXPECT_EQ(b.registers(0x11, 0x22), "GOOD");
}

TEST_F(Registering, SpecIPtWithARegisteredPortRegistersNobody) {
    c.registers(0, 0x33);
    const LogicalUnit before = unit;
    EXPECT_EQ(
        a.registers(0, 0x11, {.spec_i_pt = true, .ids = {nexus(2).initiator_port, nexus(3).initiator_port}}),
        "5/26/00");
    EXPECT_EQ(unit, before);
}

TEST_F(Registering, SpecIPtBeyondTheLimitRegistersNobody) {
    unit = LogicalUnit({{1}, 2, false});
    const LogicalUnit before = unit;
    EXPECT_EQ(
        a.registers(0, 0x11, {.spec_i_pt = true, .ids = {nexus(2).initiator_port, nexus(3).initiator_port}}),
        "5/55/04");
    EXPECT_EQ(unit, before);
}

TEST_F(Registering, SpecIPtOfARegisteredNexusIsAnError) {
    a.registers(0, 0x11);
    EXPECT_EQ(a.registers(0x11, 0x12, {.spec_i_pt = true, .ids = {nexus(2).initiator_port}}), "5/26/00");
    EXPECT_EQ(a.registers(0x11, 0, {.spec_i_pt = true, .ids = {nexus(2).initiator_port}}), "5/26/00");
    EXPECT_EQ(keys(unit), Keys{0x11});
}

TEST_F(Registering, SpecIPtMayNameTheSenderAndAPortTwice) {
    EXPECT_EQ(
        a.registers(0, 0x11,
                    {.spec_i_pt = true,
                     .ids = {nexus(1).initiator_port, nexus(2).initiator_port, nexus(2).initiator_port}}),
        "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x11}));
}

TEST_F(Registering, SpecIPtWithoutPortsRegistersTheSender) {
    EXPECT_EQ(a.registers(0, 0x11, {.spec_i_pt = true}), "GOOD");
    EXPECT_EQ(keys(unit), Keys{0x11});
}

TEST_F(Registering, SpecIPtThatUnregistersAnUnregisteredNexusDoesNothing) {
    EXPECT_EQ(a.registers(0, 0, {.spec_i_pt = true, .ids = {nexus(2).initiator_port}}), "GOOD");
    EXPECT_EQ(unit, LogicalUnit());
}

TEST_F(Registering, SpecIPtIsForRegisterAlone) {
    EXPECT_EQ(a.registers_ignoring(0, 0x11, {.spec_i_pt = true, .ids = {nexus(2).initiator_port}}),
              "5/26/00");
    EXPECT_EQ(unit, LogicalUnit());
}

TEST_F(Registering, APortIsTheSameHoweverItsTransportIdIsPadded) {
    std::vector<std::uint8_t> padded(4 + 64);
    padded[0] = 0x05;
    padded[3] = 64;
    const std::string name = "iqn.2026-01.test:x";
    std::copy(name.begin(), name.end(), padded.begin() + 4);
    const auto id = TransportId::parse(padded);
    ASSERT_TRUE(id);
    ASSERT_NE(*id, TransportId::iscsi(name));
    EXPECT_EQ(a.registers(0, 0x11, {.spec_i_pt = true, .ids = {*id}}), "GOOD");
    Host d{unit, {TransportId::iscsi(name), 1}};
    EXPECT_EQ(d.registers(0x11, 0x44), "GOOD") << "it is registered";
}

}  // namespace
}  // namespace prh::test
