// SPDX-License-Identifier: MIT
// PERSISTENT RESERVE IN (SPC-4 6.15), commands that are wrong in themselves, and what a loss of power leaves.
#include <gtest/gtest.h>

#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr PrInAction kActions[] = {PrInAction::ReadKeys, PrInAction::ReadReservation,
                                   PrInAction::ReportCapabilities, PrInAction::ReadFullStatus};

class Reporting : public testing::Test {
  protected:
    LogicalUnit unit{{{1, 7}, 10, true}};
    Host a{unit, nexus(1)};
    Host b{unit, nexus(2, 7)};
};

TEST_F(Reporting, AnEmptyLogicalUnitHasOnlyHeaders) {
    const Bytes nothing = {0, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(a.reads(PrInAction::ReadKeys), nothing);
    EXPECT_EQ(a.reads(PrInAction::ReadReservation), nothing);
    EXPECT_EQ(a.reads(PrInAction::ReadFullStatus), nothing);
}

TEST_F(Reporting, ReadKeysListsEveryKeyOfEveryNexus) {
    a.registers(0, 0x1122334455667788);
    b.registers(0, 0x1122334455667788);
    const Bytes expected = {0,    0,    0,    2,    0,    0,    0,    16,   0x11, 0x22, 0x33, 0x44,
                            0x55, 0x66, 0x77, 0x88, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
    EXPECT_EQ(a.reads(PrInAction::ReadKeys), expected);
}

TEST_F(Reporting, ReadReservationGivesTheHoldersKeyAndType) {
    a.registers(0, 0x11);
    a.reserves(0x11, kExclusiveAccessRegistrantsOnly);
    const Bytes expected = {0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 6, 0, 0};
    EXPECT_EQ(b.reads(PrInAction::ReadReservation), expected) << "whoever asks";
}

TEST_F(Reporting, ReadReservationGivesKeyZeroForAllRegistrants) {
    a.registers(0, 0x11);
    a.reserves(0x11, kWriteExclusiveAllRegistrants);
    const auto data = ReadReservationData::parse(a.reads(PrInAction::ReadReservation));
    ASSERT_TRUE(data && data->held);
    EXPECT_EQ(*data->held, (HeldReservation{{0}, 0, 7}));
}

TEST_F(Reporting, ReportCapabilitiesGivesExactBytes) {
    // LENGTH 8; SIP_C, ATP_C, PTPL_C; TMV; every type.
    EXPECT_EQ(a.reads(PrInAction::ReportCapabilities), (Bytes{0, 8, 0x0D, 0x80, 0xEA, 0x01, 0, 0}));
    a.registers(0, 0x11, {.aptpl = true});
    EXPECT_EQ(a.reads(PrInAction::ReportCapabilities), (Bytes{0, 8, 0x0D, 0x81, 0xEA, 0x01, 0, 0}));
    unit = LogicalUnit();
    EXPECT_EQ(a.reads(PrInAction::ReportCapabilities), (Bytes{0, 8, 0x0C, 0x80, 0xEA, 0x01, 0, 0}));
}

TEST_F(Reporting, ReadFullStatusDescribesEveryNexus) {
    a.registers(0, 0x11);
    b.registers(0, 0x22);
    b.reserves(0x22, kWriteExclusiveRegistrantsOnly);
    const auto data = ReadFullStatusData::parse(a.reads(PrInAction::ReadFullStatus));
    ASSERT_TRUE(data);
    EXPECT_EQ(data->generation, 2U);
    EXPECT_FALSE(data->truncated);
    ASSERT_EQ(data->descriptors.size(), 2U);
    const FullStatusDescriptor first{{0x11}, false, false, 0, 0, 1, nexus(1).initiator_port};
    const FullStatusDescriptor second{{0x22}, false, true, 0, 5, 7, nexus(2).initiator_port};
    EXPECT_EQ(data->descriptors[0], first);
    EXPECT_EQ(data->descriptors[1], second);
}

TEST_F(Reporting, ReadFullStatusShowsEveryRegistrantAsHolderOfAnAllRegistrantsReservation) {
    a.registers(0, 0x11);
    b.registers(0, 0x22);
    a.reserves(0x11, kExclusiveAccessAllRegistrants);
    const auto data = ReadFullStatusData::parse(a.reads(PrInAction::ReadFullStatus));
    ASSERT_TRUE(data && data->descriptors.size() == 2);
    for (const FullStatusDescriptor& descriptor : data->descriptors) {
        EXPECT_TRUE(descriptor.holder);
        EXPECT_EQ(descriptor.type, 8);
    }
}

TEST_F(Reporting, AShortAllocationLengthCutsTheDataAndNothingElse) {
    a.registers(0, 0x11);
    b.registers(0, 0x22);
    a.reserves(0x11, kWriteExclusive);
    for (const PrInAction action : kActions) {
        const Bytes whole = a.reads(action);
        for (std::uint16_t length = 0; length <= whole.size() + 3; ++length) {
            const Bytes part = a.reads(action, length);
            ASSERT_EQ(part.size(), std::min<std::size_t>(length, whole.size()));
            EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin()));
        }
    }
}

TEST_F(Reporting, ASmallerBufferThanTheAllocationLengthIsNotOverrun) {
    a.registers(0, 0x11);
    Bytes data(10, 0xAA);
    const Cdb cdb = Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8192);
    const CommandResult result = unit.execute(a.name(), cdb, {}, MutableBytes(data).first(9));
    EXPECT_EQ(result.data_length, 9U);
    EXPECT_EQ(data[9], 0xAA);
}

TEST_F(Reporting, ALargerBufferThanTheAllocationLengthIsNotFilled) {
    a.registers(0, 0x11);
    Bytes data(100, 0xAA);
    const Cdb cdb = Cdb::persistent_reserve_in(PrInAction::ReadKeys, 9);
    EXPECT_EQ(unit.execute(a.name(), cdb, {}, data).data_length, 9U);
    EXPECT_EQ(data[9], 0xAA);
}

TEST_F(Reporting, ReadingChangesNothing) {
    a.registers(0, 0x11);
    a.reserves(0x11, kWriteExclusive);
    const LogicalUnit before = unit;
    for (const PrInAction action : kActions) b.reads(action);
    EXPECT_EQ(unit, before);
}

TEST_F(Reporting, AnUnknownServiceActionIsAnError) {
    for (std::uint8_t action = 4; action < 32; ++action)
        EXPECT_EQ(a.sends(Cdb::persistent_reserve_in(static_cast<PrInAction>(action), 100)), "5/24/00");
    for (std::uint8_t action = 8; action < 32; ++action)
        EXPECT_EQ(a.sends(Cdb::persistent_reserve_out(static_cast<PrOutAction>(action), 1, 24), Bytes(24)),
                  "5/24/00");
    EXPECT_EQ(unit.generation(), 0U);
}

TEST_F(Reporting, AnotherCommandIsUnknown) {
    for (const unsigned opcode : {0x00U, 0x12U, 0x16U, 0xFFU}) {
        std::array<std::uint8_t, Cdb::kSize> bytes{};
        bytes[0] = static_cast<std::uint8_t>(opcode);
        EXPECT_EQ(a.sends(Cdb(bytes)), "5/20/00");
    }
}

TEST_F(Reporting, AListOfAnotherLengthThanTheCdbSaysIsAnError) {
    for (const std::size_t length : std::vector<std::size_t>{0, 8, 23, 25, 28})
        EXPECT_EQ(
            a.sends(Cdb::persistent_reserve_out(PrOutAction::Register, 0, static_cast<std::uint32_t>(length)),
                    Bytes(length)),
            "5/1a/00");
    // The socket protocol carries 16 bits of the length: 10018h says 18h there.
    EXPECT_EQ(a.sends(Cdb::persistent_reserve_out(PrOutAction::Register, 0, 0x10018), Bytes(24)), "5/1a/00");
    EXPECT_EQ(unit, LogicalUnit({{1, 7}, 10, true}));
}

TEST_F(Reporting, PowerLossLeavesWhatAptplKeeps) {
    a.registers(0, 0x11, {.aptpl = true});
    b.registers(0, 0x22, {.aptpl = true});
    b.reserves(0x22, kWriteExclusiveRegistrantsOnly);
    LogicalUnit after({{1, 7}, 10, true}, unit.left_by_power_loss());
    EXPECT_EQ(keys(after), keys(unit));
    EXPECT_EQ(held(after), "5 by 22");
    EXPECT_TRUE(after.aptpl());
    EXPECT_EQ(after.generation(), 0U) << "power on (SPC-4 6.15.2)";
    Host a_after{after, a.name()};
    EXPECT_EQ(a_after.reserves(0x11, kWriteExclusiveRegistrantsOnly), "CONFLICT");
    EXPECT_EQ(a_after.preempts(0x11, 0x22, kExclusiveAccess), "GOOD");
}

TEST_F(Reporting, PowerLossWithoutAptplLeavesNothing) {
    a.registers(0, 0x11);
    a.reserves(0x11, kWriteExclusive);
    EXPECT_EQ(unit.left_by_power_loss(), AptplState{});
}

TEST_F(Reporting, PowerLossLeavesNothingWhereNothingIsRegistered) {
    a.registers(0, 0x11, {.aptpl = true});
    a.clears(0x11);
    EXPECT_EQ(unit.left_by_power_loss(), AptplState{});
}

TEST(UnitAttentionsOfStrangers, TakeBoundedMemoryAndTheOldestGo) {
    UnitAttentions attentions;
    const auto host = [](std::size_t number) { return nexus(static_cast<unsigned>(number)); };
    for (std::size_t i = 0; i <= UnitAttentions::kMaximumNexuses; ++i)
        attentions.establish(host(i), sense::kReservationsReleased);
    EXPECT_EQ(attentions.nexuses(), UnitAttentions::kMaximumNexuses);
    EXPECT_FALSE(attentions.take(host(0)));
    EXPECT_EQ(attentions.take(host(1)), sense::kReservationsReleased);
    EXPECT_EQ(attentions.take(host(UnitAttentions::kMaximumNexuses)), sense::kReservationsReleased);
}

}  // namespace
}  // namespace prh::test
