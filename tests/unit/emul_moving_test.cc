// SPDX-License-Identifier: MIT
// REGISTER AND MOVE (SPC-4 5.13.8).
#include <gtest/gtest.h>

#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

using Keys = std::vector<std::uint64_t>;

class Moving : public testing::Test {
  protected:
    void SetUp() override {
        a.registers(0, 0x11);
        generation = unit.generation();
    }
    LogicalUnit unit{{{1, 7}, 3, false}};
    Host a{unit, nexus(1)};
    Host b{unit, nexus(2)};
    std::uint32_t generation = 0;
};

TEST_F(Moving, TheDestinationIsRegisteredAndHolds) {
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = b.name()}), "GOOD");
    EXPECT_EQ(held(unit), "1 by 22");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x22}));
    EXPECT_TRUE(unit.is_holder(b.name()));
    EXPECT_EQ(unit.generation(), generation + 1);
    EXPECT_EQ(a.notices(), "GOOD");
    EXPECT_EQ(b.notices(), "GOOD");
}

TEST_F(Moving, UnregRemovesTheSenderWithoutReleasing) {
    a.reserves(0x11, kExclusiveAccessRegistrantsOnly);
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = b.name(), .unreg = true}), "GOOD");
    EXPECT_EQ(held(unit), "6 by 22");
    EXPECT_EQ(keys(unit), Keys{0x22});
    EXPECT_EQ(b.notices(), "GOOD");
}

TEST_F(Moving, ARegisteredDestinationGetsTheNewKey) {
    b.registers(0, 0x22);
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.moves(0x11, 0x23, {.to = b.name()}), "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x11, 0x23}));
    EXPECT_EQ(held(unit), "1 by 23");
}

TEST_F(Moving, TheSameInitiatorThroughAnotherPortIsAnotherNexus) {
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.moves(0x11, 0x17, {.to = nexus(1, 7)}), "GOOD");
    EXPECT_TRUE(unit.is_holder(nexus(1, 7)));
    EXPECT_FALSE(unit.is_holder(a.name()));
}

TEST_F(Moving, WithoutReservationTheCdbIsWrong) {
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = b.name()}), "5/24/00");
    EXPECT_EQ(keys(unit), Keys{0x11});
    EXPECT_EQ(unit.generation(), generation);
}

TEST_F(Moving, UnregisteredOrWithAWrongKeyItConflicts) {
    EXPECT_EQ(b.moves(0, 0x22, {.to = a.name()}), "CONFLICT") << "nothing is held";
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(b.moves(0, 0x22, {.to = a.name()}), "CONFLICT");
    EXPECT_EQ(a.moves(0x99, 0x22, {.to = b.name()}), "CONFLICT");
    EXPECT_EQ(held(unit), "1 by 11");
}

TEST_F(Moving, ANonHolderConflicts) {
    b.registers(0, 0x22);
    a.reserves(0x11, kWriteExclusiveRegistrantsOnly);
    EXPECT_EQ(b.moves(0x22, 0x33, {.to = nexus(3)}), "CONFLICT");
    EXPECT_EQ(held(unit), "5 by 11");
}

TEST_F(Moving, AnAllRegistrantsReservationCannotBeMoved) {
    a.reserves(0x11, kWriteExclusiveAllRegistrants);
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = b.name()}), "CONFLICT");
    EXPECT_EQ(keys(unit), Keys{0x11});
}

TEST_F(Moving, KeyZeroToOneselfOrThroughAnUnknownPortIsAnError) {
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.moves(0x11, 0, {.to = b.name()}), "5/26/00");
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = a.name()}), "5/26/00");
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = nexus(2, 2)}), "5/26/00");
    EXPECT_EQ(held(unit), "1 by 11");
    EXPECT_EQ(unit.generation(), generation);
}

TEST_F(Moving, TheLimitCountsWhoStays) {
    b.registers(0, 0x22);
    Host c{unit, nexus(3)};
    c.registers(0, 0x33);
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.moves(0x11, 0x44, {.to = nexus(4)}), "5/55/04");
    EXPECT_EQ(held(unit), "1 by 11");
    EXPECT_EQ(a.moves(0x11, 0x44, {.to = nexus(4), .unreg = true}), "GOOD");
    EXPECT_EQ(keys(unit), (Keys{0x22, 0x33, 0x44}));
}

TEST_F(Moving, AptplIsProcessed) {
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = b.name(), .aptpl = true}), "5/26/00") << "PTPL_C is zero";
    unit = LogicalUnit({{1}, 3, true});
    a.registers(0, 0x11);
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(a.moves(0x11, 0x22, {.to = b.name(), .aptpl = true}), "GOOD");
    EXPECT_TRUE(unit.aptpl());
    EXPECT_EQ(b.moves(0x22, 0x11, {.to = a.name()}), "GOOD");
    EXPECT_FALSE(unit.aptpl());
}

TEST_F(Moving, AListThatIsCutIsAnError) {
    a.reserves(0x11, kWriteExclusive);
    RegisterAndMoveParameters parameters{{0x11}, {0x22}, false, false, 1, b.name().initiator_port};
    std::vector<std::uint8_t> list = parameters.encode();
    list.pop_back();
    const auto length = static_cast<std::uint32_t>(list.size());
    EXPECT_EQ(a.sends(Cdb::persistent_reserve_out(PrOutAction::RegisterAndMove, 0, length), list), "5/26/00");
    list.resize(23);
    EXPECT_EQ(a.sends(Cdb::persistent_reserve_out(PrOutAction::RegisterAndMove, 0, 23), list), "5/1a/00");
    EXPECT_EQ(held(unit), "1 by 11");
}

}  // namespace
}  // namespace prh::test
