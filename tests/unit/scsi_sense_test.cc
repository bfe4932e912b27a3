// SPDX-License-Identifier: MIT
// Sense data (SPC-4 4.5): what we write, what we read, and sg3_utils' opinion of both.
#include <gtest/gtest.h>

#include "scsi/sense.h"
#include "unit/sg_oracle.h"

namespace prh::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr SenseCode kSample{SenseKey::UnitAttention, 0x2A, 0x05};

TEST(SenseDataTest, OursIsFixedFormatOfEighteenBytes) {
    const SenseData sense = SenseData::fixed(kSample);
    const Bytes expected = {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2A, 0x05, 0, 0, 0, 0};
    EXPECT_EQ(Bytes(sense.bytes().begin(), sense.bytes().end()), expected);
    EXPECT_EQ(sense.code(), kSample);
    EXPECT_EQ(Bytes(sense.padded().begin() + 18, sense.padded().end()), Bytes(78)) << "nothing leaks";
}

TEST(SenseDataTest, OursIsUnderstoodBySg3Utils) {
    const SenseData sense = SenseData::fixed(kSample);
    sg_scsi_sense_hdr header{};
    ASSERT_TRUE(sg_scsi_normalize_sense(sense.bytes().data(), static_cast<int>(sense.length()), &header));
    EXPECT_EQ(header.sense_key, 6);
    EXPECT_EQ(header.asc, 0x2A);
    EXPECT_EQ(header.ascq, 0x05);
}

TEST(SenseDataTest, OfADeviceIsKeptAsItCame) {
    Bytes bytes(96, 0x55);
    bytes[0] = 0x72;
    EXPECT_EQ(SenseData::from_device(bytes).length(), 96U);
    bytes.resize(300, 0x66);
    const SenseData cut = SenseData::from_device(bytes);
    EXPECT_EQ(cut.length(), 96U);
    EXPECT_EQ(cut.bytes()[95], 0x55);
    EXPECT_TRUE(SenseData::from_device({}).empty());
    EXPECT_EQ(SenseData::from_device({}).code(), std::nullopt);
}

TEST(SenseDataTest, IsReadFromBothFormatsCurrentAndDeferred) {
    const Bytes fixed = {0xF1, 0, 0xE5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0x01, 0, 0, 0, 0};
    const SenseCode code{SenseKey::IllegalRequest, 0x24, 0x01};
    EXPECT_EQ(SenseData::decode(fixed), code) << "FILEMARK, EOM, ILI and VALID are not the key's";
    EXPECT_EQ(SenseData::decode(Bytes{0x72, 0x05, 0x24, 0x01, 0, 0, 0, 0}), code);
    EXPECT_EQ(SenseData::decode(Bytes{0x73, 0x05, 0x24, 0x01}), code);
}

TEST(SenseDataTest, OfAShortDeviceGivesWhatIsThere) {
    const Bytes fixed = {0x70, 0, 5, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0x24, 0x01};
    EXPECT_EQ(SenseData::decode(ConstBytes(fixed).first(14)), (SenseCode{SenseKey::IllegalRequest, 0x24, 1}));
    EXPECT_EQ(SenseData::decode(ConstBytes(fixed).first(13)), (SenseCode{SenseKey::IllegalRequest, 0x24, 0}));
    EXPECT_EQ(SenseData::decode(ConstBytes(fixed).first(12)), (SenseCode{SenseKey::IllegalRequest, 0, 0}));
    EXPECT_EQ(SenseData::decode(ConstBytes(fixed).first(2)), std::nullopt);
    EXPECT_EQ(SenseData::decode(Bytes{0x72, 5, 0x24}), std::nullopt);
}

TEST(SenseDataTest, OfAnotherFormatIsNotRead) {
    for (const unsigned first : {0x00U, 0x6FU, 0x74U, 0x7FU, 0x80U}) {
        Bytes bytes(18);
        bytes[0] = static_cast<std::uint8_t>(first);
        EXPECT_EQ(SenseData::decode(bytes), std::nullopt) << first;
    }
}

}  // namespace
}  // namespace prh::test
