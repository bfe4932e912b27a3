// SPDX-License-Identifier: MIT
// ALL_TG_PT (SPC-4 6.16.3): one request for the nexuses of an initiator port through every target port.
#include <gtest/gtest.h>

#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

using Keys = std::vector<std::uint64_t>;

class AllTargetPorts : public testing::Test {
  protected:
    LogicalUnit unit{{{1, 7}, 10, false}};
    Host a1{unit, nexus(1, 1)};
    Host a7{unit, nexus(1, 7)};
    Host b1{unit, nexus(2, 1)};
};

TEST_F(AllTargetPorts, ARegistrationIsOfOnePort) {
    a1.registers(0, 0x11);
    EXPECT_EQ(a7.reserves(0x11, kWriteExclusive), "CONFLICT");
    EXPECT_EQ(keys(unit), Keys{0x11});
}

TEST_F(AllTargetPorts, AllTgPtRegistersTheSameInitiatorThroughEveryPort) {
    EXPECT_EQ(a1.registers(0, 0x11, {.all_tg_pt = true}), "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x11}));
    EXPECT_TRUE(unit.registrations().contains(a7.name()));
    EXPECT_FALSE(unit.registrations().contains(b1.name()));
    EXPECT_EQ(unit.generation(), 1U);
}

TEST_F(AllTargetPorts, AllTgPtUnregistersThroughEveryPort) {
    a1.registers(0, 0x11, {.all_tg_pt = true});
    EXPECT_EQ(a7.registers(0x11, 0, {.all_tg_pt = true}), "GOOD");
    EXPECT_EQ(keys(unit), Keys{});
}

TEST_F(AllTargetPorts, ARegistrationMadeWithAllTgPtCanBeRemovedForOnePort) {
    a1.registers(0, 0x11, {.all_tg_pt = true});
    EXPECT_EQ(a1.registers(0x11, 0), "GOOD");
    EXPECT_FALSE(unit.registrations().contains(a1.name()));
    EXPECT_TRUE(unit.registrations().contains(a7.name()));
}

TEST_F(AllTargetPorts, AllTgPtConflictsForAllIfItWouldForOne) {
    a7.registers(0, 0x17);
    EXPECT_EQ(a1.registers(0, 0x11, {.all_tg_pt = true}), "CONFLICT");
    EXPECT_EQ(a7.registers(0x17, 0x18, {.all_tg_pt = true}), "CONFLICT");
    EXPECT_EQ(keys(unit), Keys{0x17});
    EXPECT_EQ(a1.registers_ignoring(0, 0x11, {.all_tg_pt = true}), "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x11}));
}

TEST_F(AllTargetPorts, AllTgPtWithSpecIPtRegistersEachPortThroughEachPort) {
    EXPECT_EQ(a1.registers(0, 0x11, {.all_tg_pt = true, .spec_i_pt = true, .ids = {nexus(2).initiator_port}}),
              "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x11, 0x11, 0x11}));
}

TEST_F(AllTargetPorts, AllTgPtBeyondTheLimitRegistersNobody) {
    unit = LogicalUnit({{1, 7}, 1, false});
    EXPECT_EQ(a1.registers(0, 0x11, {.all_tg_pt = true}), "5/55/04");
    EXPECT_EQ(keys(unit), Keys{});
}

TEST_F(AllTargetPorts, UnregisteringTheHolderThroughEveryPortTellsOnlyWhoStays) {
    a1.registers(0, 0x11, {.all_tg_pt = true});
    b1.registers(0, 0x22);
    a7.reserves(0x11, kExclusiveAccessRegistrantsOnly);
    EXPECT_EQ(a1.registers(0x11, 0, {.all_tg_pt = true}), "GOOD");
    EXPECT_EQ(held(unit), "none");
    EXPECT_EQ(b1.notices(), "6/2a/04");
    EXPECT_EQ(a7.notices(), "GOOD");
}

}  // namespace
}  // namespace prh::test
