// SPDX-License-Identifier: MIT
// Big-endian cursors: what is read past the end, and what is written past it.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/bytes.h"

namespace prh {
namespace {

constexpr std::array<std::uint8_t, 15> kBytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xFF};

TEST(Bytes, IntegersAreBigEndian) {
    EXPECT_EQ(load_be<std::uint8_t>(kBytes.data()), 1U);
    EXPECT_EQ(load_be<std::uint16_t>(kBytes.data()), 0x0102U);
    EXPECT_EQ(load_be<std::uint32_t>(kBytes.data()), 0x01020304U);
    EXPECT_EQ(load_be<std::uint64_t>(kBytes.data()), 0x0102030405060708U);
    std::array<std::uint8_t, 8> bytes{};
    store_be(bytes.data(), std::uint64_t{0xF102030405060708});
    EXPECT_EQ(load_be<std::uint64_t>(bytes.data()), 0xF102030405060708U);
    store_be(bytes.data(), std::uint16_t{0xABCD});
    EXPECT_EQ(bytes, (std::array<std::uint8_t, 8>{0xAB, 0xCD, 3, 4, 5, 6, 7, 8})) << "and no byte more";
}

TEST(ByteReader, ReadsOneAfterTheOther) {
    ByteReader reader(kBytes);
    EXPECT_EQ(reader.read<std::uint8_t>(), 1U);
    EXPECT_EQ(reader.read<std::uint16_t>(), 0x0203U);
    EXPECT_EQ(reader.read<std::uint32_t>(), 0x04050607U);
    EXPECT_EQ(reader.remaining(), 8U);
    reader.skip(1);
    const ConstBytes taken = reader.take(6);
    EXPECT_EQ(taken.size(), 6U);
    EXPECT_EQ(taken.data(), kBytes.data() + 8);
    EXPECT_EQ(reader.rest().size(), 1U);
    EXPECT_EQ(reader.read<std::uint8_t>(), 0xFFU);
    EXPECT_TRUE(reader.ok()) << "the end itself is not past the end";
    EXPECT_TRUE(reader.take(0).empty());
    EXPECT_TRUE(reader.ok());
}

TEST(ByteReader, PastTheEndGivesZerosForGood) {
    for (const std::size_t size : {0U, 1U, 3U}) {
        ByteReader reader(ConstBytes(kBytes).first(size));
        EXPECT_EQ(reader.read<std::uint32_t>(), 0U) << size;
        EXPECT_FALSE(reader.ok()) << size;
        EXPECT_EQ(reader.remaining(), 0U) << "what was too short for one is not left for another";
        EXPECT_EQ(reader.read<std::uint8_t>(), 0U);
        EXPECT_TRUE(reader.take(0).empty());
        EXPECT_FALSE(reader.ok());
    }
}

TEST(ByteReader, TakingOrSkippingTooMuchIsNoticed) {
    ByteReader taking(kBytes);
    EXPECT_TRUE(taking.take(16).empty());
    EXPECT_FALSE(taking.ok());
    ByteReader skipping(kBytes);
    skipping.skip(SIZE_MAX);
    EXPECT_FALSE(skipping.ok());
    EXPECT_EQ(skipping.remaining(), 0U);
}

TEST(ByteWriter, WritesOneAfterTheOther) {
    std::array<std::uint8_t, 10> buffer{};
    buffer.fill(0xEE);
    ByteWriter writer(buffer);
    writer.write(std::uint8_t{1});
    writer.write(std::uint32_t{0x02030405});
    writer.write_zeros(2);
    writer.write_bytes(ConstBytes(kBytes).first(2));
    EXPECT_EQ(buffer, (std::array<std::uint8_t, 10>{1, 2, 3, 4, 5, 0, 0, 1, 2, 0xEE}));
    EXPECT_EQ(writer.offered(), 9U);
    EXPECT_EQ(writer.written(), 9U);
}

TEST(ByteWriter, EveryTruncationIsAPrefixOfTheWhole) {
    const auto write_all = [](ByteWriter& writer) {
        writer.write(std::uint32_t{0x01020304});
        writer.write_bytes(std::array<std::uint8_t, 3>{5, 6, 7});
        writer.write(std::uint64_t{0x08090A0B0C0D0E0F});
        writer.write_zeros(2);
    };
    std::vector<std::uint8_t> whole(17);
    ByteWriter whole_writer{MutableBytes(whole)};
    write_all(whole_writer);
    ASSERT_EQ(whole_writer.offered(), 17U);
    for (std::size_t size = 0; size <= 20; ++size) {
        std::vector<std::uint8_t> buffer(20, 0xEE);
        ByteWriter writer{MutableBytes(buffer).first(size)};
        write_all(writer);
        EXPECT_EQ(writer.offered(), 17U) << "a length field tells the whole";
        const std::size_t written = std::min<std::size_t>(size, 17);
        EXPECT_EQ(writer.written(), written);
        for (std::size_t i = 0; i < buffer.size(); ++i)
            EXPECT_EQ(buffer[i], i < written ? whole[i] : 0xEE) << size << ", byte " << i;
    }
}

}  // namespace
}  // namespace prh
