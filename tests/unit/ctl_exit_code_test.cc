// SPDX-License-Identifier: MIT
// The exit status is that of sg3_utils(8), status by status and sense key by sense key.
#include <gtest/gtest.h>

#include <cerrno>

#include "client/exit_code.h"

namespace prh::ctl {
namespace {

int of_status(std::uint8_t status) {
    return static_cast<int>(exit_code_of(CommandResult::of(static_cast<ScsiStatus>(status))));
}

int of_sense(unsigned key, std::uint8_t asc = 0, std::uint8_t ascq = 0) {
    return static_cast<int>(
        exit_code_of(CommandResult::check_condition({static_cast<SenseKey>(key), asc, ascq})));
}

TEST(CtlExitCode, OfAStatus) {
    EXPECT_EQ(of_status(0x00), 0);
    EXPECT_EQ(of_status(0x04), 25);
    EXPECT_EQ(of_status(0x08), 26);
    EXPECT_EQ(of_status(0x18), 24);
    EXPECT_EQ(of_status(0x28), 27);
    EXPECT_EQ(of_status(0x30), 28);
    EXPECT_EQ(of_status(0x40), 29);
    EXPECT_EQ(of_status(0x22), 99) << "a status that is not of this time";
    EXPECT_EQ(of_status(0x02), 98) << "CHECK CONDITION without sense data";
}

TEST(CtlExitCode, OfASenseKey) {
    const int expected[16] = {20, 21, 2, 3, 3, 5, 6, 7, 3, 98, 10, 11, 98, 98, 14, 98};
    for (unsigned key = 0; key < 16; ++key) EXPECT_EQ(of_sense(key, 0x55, 0x04), expected[key]) << key;
}

TEST(CtlExitCode, OfAnAdditionalSenseCode) {
    EXPECT_EQ(of_sense(5, 0x20, 0x00), 9);
    EXPECT_EQ(of_sense(5, 0x20, 0x02), 5) << "ACCESS DENIED is not INVALID COMMAND OPERATION CODE";
    EXPECT_EQ(of_sense(5, 0x21, 0x00), 22);
    EXPECT_EQ(of_sense(5, 0x24, 0x00), 5);
    EXPECT_EQ(of_sense(5, 0x26, 0x04), 5);
    EXPECT_EQ(of_sense(11, 0x10, 0x01), 40);
    EXPECT_EQ(of_sense(6, 0x2A, 0x03), 6);
}

TEST(CtlExitCode, OfDescriptorFormatSenseData) {
    CommandResult result = CommandResult::of(ScsiStatus::CheckCondition);
    result.sense = SenseData::from_device(std::array<std::uint8_t, 8>{0x72, 0x06, 0x29, 0x01});
    EXPECT_EQ(exit_code_of(result), ExitCode::UnitAttention);
}

TEST(CtlExitCode, OfAnErrno) {
    EXPECT_EQ(static_cast<int>(exit_code_of_errno(ENOENT)), 52);
    EXPECT_EQ(static_cast<int>(exit_code_of_errno(EACCES)), 63);
    EXPECT_EQ(static_cast<int>(exit_code_of_errno(46)), 96);
    EXPECT_EQ(static_cast<int>(exit_code_of_errno(47)), 50);
    EXPECT_EQ(static_cast<int>(exit_code_of_errno(ECONNREFUSED)), 50);
}

}  // namespace
}  // namespace prh::ctl
