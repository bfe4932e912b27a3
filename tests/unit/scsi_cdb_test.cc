// SPDX-License-Identifier: MIT
// Command descriptor blocks, byte by byte (SPC-4 6.15, 6.16).
#include <gtest/gtest.h>

#include "scsi/cdb.h"

namespace prh::test {
namespace {

using CdbBytes = std::array<std::uint8_t, Cdb::kSize>;

TEST(CdbTest, OfPersistentReserveInHasTheServiceActionAndTheAllocationLength) {
    const Cdb cdb = Cdb::persistent_reserve_in(PrInAction::ReadFullStatus, 0x1234);
    EXPECT_EQ(cdb.bytes(), (CdbBytes{0x5E, 3, 0, 0, 0, 0, 0, 0x12, 0x34}));
    EXPECT_TRUE(cdb.is_persistent_reserve_in());
    EXPECT_FALSE(cdb.is_persistent_reserve_out());
    EXPECT_EQ(cdb.service_action(), 3);
    EXPECT_EQ(cdb.allocation_length(), 0x1234);
}

TEST(CdbTest, OfPersistentReserveOutHasScopeTypeAndAFourByteLength) {
    const Cdb cdb = Cdb::persistent_reserve_out(PrOutAction::PreemptAndAbort, 8, 0x01020304, 2);
    EXPECT_EQ(cdb.bytes(), (CdbBytes{0x5F, 5, 0x28, 0, 0, 1, 2, 3, 4}));
    EXPECT_TRUE(cdb.is_persistent_reserve_out());
    EXPECT_FALSE(cdb.is_persistent_reserve_in());
    EXPECT_EQ(cdb.service_action(), 5);
    EXPECT_EQ(cdb.scope(), 2);
    EXPECT_EQ(cdb.type(), 8);
    EXPECT_EQ(cdb.parameter_list_length(), 0x01020304U);
}

TEST(CdbTest, ScopeAndTypeAreFourBitsEach) {
    const Cdb cdb = Cdb::persistent_reserve_out(PrOutAction::Reserve, 0xF5, 24, 0xF1);
    EXPECT_EQ(cdb.bytes()[2], 0x15);
}

TEST(CdbTest, TheServiceActionIsFiveBitsOfByteOne) {
    CdbBytes bytes{0x5E, 0xE2};
    EXPECT_EQ(Cdb(bytes).service_action(), 2);
}

TEST(CdbTest, WithoutBytesIsTestUnitReady) {
    EXPECT_EQ(Cdb().opcode(), 0);
    EXPECT_FALSE(Cdb().is_persistent_reserve_in());
    EXPECT_FALSE(Cdb().is_persistent_reserve_out());
}

}  // namespace
}  // namespace prh::test
