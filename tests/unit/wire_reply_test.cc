// SPDX-License-Identifier: MIT
// The 104 bytes of a reply: each of them, and back.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "wire/reply.h"

namespace prh {
namespace {

using Header = std::array<std::uint8_t, kReplyHeaderSize>;

Header encode(const CommandResult& result) {
    Header header;
    header.fill(0xEE);  // what another client left
    encode_reply_header(result, header);
    return header;
}

TEST(ReplyHeader, OfGoodIsItsLengthAndZeros) {
    Header expected{};
    EXPECT_EQ(encode(CommandResult::good()), expected);
    expected[6] = 0x20;
    EXPECT_EQ(encode(CommandResult::good(8192)), expected);
    expected = {};
    expected[4] = 0x01, expected[5] = 0x02, expected[6] = 0x03, expected[7] = 0x04;
    EXPECT_EQ(encode(CommandResult::good(0x01020304)), expected);
}

TEST(ReplyHeader, OfCheckConditionHasFixedSenseDataAndZeros) {
    Header expected{};
    expected[3] = 0x02;
    constexpr std::uint8_t kSense[] = {0x70, 0, 0x0B, 0, 0, 0, 0, 0x0A, 0, 0, 0, 0, 0x00, 0x06, 0, 0, 0, 0};
    std::copy(std::begin(kSense), std::end(kSense), expected.begin() + 8);
    EXPECT_EQ(encode(CommandResult::check_condition(sense::kIoProcessTerminated)), expected);
}

TEST(ReplyHeader, HasEveryStatusInItsFourthByte) {
    for (unsigned status = 0; status <= 0xFF; ++status) {
        Header expected{};
        expected[3] = static_cast<std::uint8_t>(status);
        EXPECT_EQ(encode(CommandResult::of(static_cast<ScsiStatus>(status))), expected);
        EXPECT_EQ(decode_reply_header(expected).status, static_cast<ScsiStatus>(status));
    }
}

TEST(ReplyHeader, CarriesSenseDataOfEveryLengthToItsLastByte) {
    std::vector<std::uint8_t> bytes(SenseData::kCapacity);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(0x80 + i);
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        const Header header =
            encode({ScsiStatus::CheckCondition, 0, SenseData::from_device({bytes.data(), length})});
        for (std::size_t i = 0; i < bytes.size(); ++i)
            ASSERT_EQ(header[8 + i], i < length ? bytes[i] : 0) << "length " << length << ", byte " << i;
    }
}

TEST(ReplyHeader, IsDecodedToWhatWasEncoded) {
    const auto sense_with = [](std::uint8_t format, std::uint8_t additional) {
        std::vector<std::uint8_t> bytes(8U + additional, 0x5A);
        bytes[0] = format;
        bytes[7] = additional;
        return SenseData::from_device(bytes);
    };
    for (const std::uint8_t format : std::array<std::uint8_t, 5>{0x70, 0x71, 0x72, 0x73, 0xF0})
        for (const std::uint8_t additional : std::array<std::uint8_t, 5>{0, 4, 10, 50, 88}) {
            const CommandResult result{ScsiStatus::CheckCondition, 0, sense_with(format, additional)};
            const CommandResult decoded = decode_reply_header(encode(result));
            EXPECT_EQ(decoded.status, result.status);
            EXPECT_EQ(decoded.data_length, 0U);
            EXPECT_EQ(decoded.sense.length(), 8U + additional);
            EXPECT_EQ(decoded.sense.padded(), result.sense.padded());
            EXPECT_EQ(decoded.sense.code(), result.sense.code());
        }
    const CommandResult decoded = decode_reply_header(encode(CommandResult::good(1234)));
    EXPECT_EQ(decoded.data_length, 1234U);
    EXPECT_TRUE(decoded.sense.empty());
}

TEST(ReplyHeader, ASenseLengthBeyondTheHeaderIsCutWhenDecoded) {
    Header header{};
    header[3] = 0x02;
    header[8] = 0x72;
    header[8 + 7] = 0xFF;
    EXPECT_EQ(decode_reply_header(header).sense.length(), SenseData::kCapacity);
}

}  // namespace
}  // namespace prh
