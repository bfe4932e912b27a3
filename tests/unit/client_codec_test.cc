// SPDX-License-Identifier: MIT
// The client's codec: what it refuses to send, and what it does not believe of a helper.
#include "wire/client_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace prh {
namespace {

using Header = std::array<std::uint8_t, kReplyHeaderSize>;

Header header(std::uint32_t status, std::uint32_t length, ConstBytes sense = {}) {
    Header bytes{};
    store_be(bytes.data(), status);
    store_be(bytes.data() + 4, length);
    std::copy(sense.begin(), sense.end(), bytes.begin() + 8);
    return bytes;
}

const Cdb kReadKeys = Cdb::persistent_reserve_in(PrInAction::ReadKeys, 64);
const Cdb kRegister = Cdb::persistent_reserve_out(PrOutAction::Register, 0, 24);

TEST(ClientCodec, FeaturesAreBigEndian) {
    EXPECT_EQ(encode_features(0x01020304), (HandshakeBytes{1, 2, 3, 4}));
    EXPECT_EQ(decode_features(HandshakeBytes{0, 0, 0, 1}), kFeatureCleanup);
}

TEST(ClientCodec, ARequestIsTheCdbItself) {
    const auto in = encode_request(kReadKeys, 0);
    ASSERT_TRUE(in);
    EXPECT_EQ(*in, (RequestBytes{0x5E, 0, 0, 0, 0, 0, 0, 0, 64}));
    const auto out = encode_request(kRegister, 24);
    ASSERT_TRUE(out);
    EXPECT_EQ(*out, (RequestBytes{0x5F, 0, 0, 0, 0, 0, 0, 0, 24}));
}

TEST(ClientCodec, CleanUpIsARequest) {
    std::array<std::uint8_t, Cdb::kSize> bytes{kCleanUp};
    EXPECT_TRUE(encode_request(Cdb(bytes), 0));
    EXPECT_FALSE(encode_request(Cdb(bytes), 24));
}

TEST(ClientCodec, ARequestThatAHelperWouldHangUpOnIsNotEncoded) {
    EXPECT_FALSE(encode_request(Cdb(), 0)) << "operation code 00h";
    EXPECT_FALSE(encode_request(Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8193), 0));
    EXPECT_TRUE(encode_request(Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8192), 0));
    EXPECT_FALSE(encode_request(Cdb::persistent_reserve_out(PrOutAction::Register, 0, 8193), 8193));
    EXPECT_FALSE(encode_request(Cdb::persistent_reserve_out(PrOutAction::Register, 0, 0x10018), 0x10018))
        << "bytes 7..8 alone would look like 24";
}

TEST(ClientCodec, AParameterListHasTheLengthThatTheCdbSays) {
    EXPECT_FALSE(encode_request(kRegister, 0));
    EXPECT_FALSE(encode_request(kRegister, 25));
    EXPECT_FALSE(encode_request(kReadKeys, 1));
}

TEST(ClientCodec, AReplyUpToTheAllocationLengthIsAccepted) {
    const auto result = decode_reply(kReadKeys, header(0, 64));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, ScsiStatus::Good);
    EXPECT_EQ(result->data_length, 64U);
    EXPECT_TRUE(result->sense.empty());
}

TEST(ClientCodec, MoreDataThanWereAskedForAreRefused) {
    for (const std::uint32_t length : {65U, 8193U, 0x80000000U, 0xFFFFFFFFU}) {
        const auto result = decode_reply(kReadKeys, header(0, length));
        ASSERT_FALSE(result) << length;
        EXPECT_EQ(result.error(), ReplyViolation::DataTooLong);
    }
}

TEST(ClientCodec, DataWhereNoneBelongAreRefused) {
    for (const std::uint32_t status : {0x02U, 0x08U, 0x18U}) {
        const auto result = decode_reply(kReadKeys, header(status, 8));
        ASSERT_FALSE(result) << status;
        EXPECT_EQ(result.error(), ReplyViolation::DataWhereNoneBelong);
    }
    EXPECT_EQ(decode_reply(kRegister, header(0, 8)).error(), ReplyViolation::DataWhereNoneBelong);
    EXPECT_EQ(decode_reply(Cdb({kCleanUp}), header(0, 1)).error(), ReplyViolation::DataWhereNoneBelong);
}

TEST(ClientCodec, AStatusHasEightBits) {
    EXPECT_EQ(decode_reply(kReadKeys, header(0x100, 0)).error(), ReplyViolation::StatusOutOfRange);
    EXPECT_EQ(decode_reply(kReadKeys, header(0xFFFFFFFF, 0)).error(), ReplyViolation::StatusOutOfRange);
    ASSERT_TRUE(decode_reply(kReadKeys, header(0xFF, 0)));
}

TEST(ClientCodec, SenseDataCountOnlyWithCheckCondition) {
    const SenseData sense = SenseData::fixed(sense::kReservationsPreempted);
    const auto checked = decode_reply(kRegister, header(0x02, 0, sense.bytes()));
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->sense.code(), sense::kReservationsPreempted);
    EXPECT_EQ(checked->sense.length(), SenseData::kFixedLength);
    for (const std::uint32_t status : {0x00U, 0x18U}) {
        const auto garbled = decode_reply(kRegister, header(status, 0, sense.bytes()));
        ASSERT_TRUE(garbled);
        EXPECT_TRUE(garbled->sense.empty());
    }
}

TEST(ClientCodec, EveryViolationHasWords) {
    for (const ReplyViolation violation :
         {ReplyViolation::StatusOutOfRange, ReplyViolation::DataWhereNoneBelong, ReplyViolation::DataTooLong})
        EXPECT_NE(describe(violation), "?");
}

}  // namespace
}  // namespace prh
