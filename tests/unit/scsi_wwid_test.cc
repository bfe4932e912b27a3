// SPDX-License-Identifier: MIT
// One name of a logical unit, however it is written.
#include <gtest/gtest.h>

#include "scsi/wwid.h"

namespace prh::test {
namespace {

constexpr char kNaa[] = "naa.6001405aabbccddeeff0011223344556";

TEST(Wwid, HasOneSpelling) {
    for (const char* text : {"naa.6001405aabbccddeeff0011223344556", "NAA.6001405AABBCCDDEEFF0011223344556",
                             "36001405aabbccddeeff0011223344556", "0x6001405aabbccddeeff0011223344556"})
        EXPECT_EQ(canonical_wwid(text), kNaa) << text;
    EXPECT_EQ(canonical_wwid("eui.0025385A71B0A5F1"), "eui.0025385a71b0a5f1");
    EXPECT_EQ(canonical_wwid("20025385a71b0a5f1"), "eui.0025385a71b0a5f1");
    for (const char* text : {"t10.ATA     QEMU HARDDISK   QM00001 ", "1ATA     QEMU HARDDISK   QM00001",
                             "t10.ATA_QEMU_HARDDISK_QM00001"})
        EXPECT_EQ(canonical_wwid(text), "t10.ATA_QEMU_HARDDISK_QM00001") << text;
    EXPECT_EQ(canonical_wwid("iqn.2026-01.test:target,L,0x0000000000000000"),
              "iqn.2026-01.test:target,L,0x0000000000000000");
}

TEST(Wwid, IsNoneOfAnythingElse) {
    for (const char* text : {"", "3", "sdb", "naa.", "naa.600140", "naa.6001405aabbccddeeff001122334455g",
                             "3600140", "t10.", "1", "t10.a\nb", "iqn.a b", "0x12", "4600140512345678"})
        EXPECT_EQ(canonical_wwid(text), "") << text;
}

std::vector<std::uint8_t> page(std::initializer_list<std::pair<std::vector<std::uint8_t>, std::string>> all) {
    std::vector<std::uint8_t> bytes{0, 0x83, 0, 0};
    for (const auto& [head, text] : all) {
        bytes.insert(bytes.end(), head.begin(), head.end());
        bytes.push_back(static_cast<std::uint8_t>(text.size()));
        bytes.insert(bytes.end(), text.begin(), text.end());
    }
    bytes[3] = static_cast<std::uint8_t>(bytes.size() - 4);
    return bytes;
}

TEST(Wwid, OfALogicalUnitAreThoseOfItsPage) {
    const std::string naa("\x60\x01\x40\x5a\xab\xbc\xcd\xde\xef\xf0\x01\x12\x23\x34\x45\x56", 16);
    const auto identification = DeviceIdentification::parse(page({
        {{0x01, 0x03, 0}, naa},                                                        // NAA
        {{0x02, 0x01, 0}, "LIO-ORG disk0   serial"},                                   // T10 vendor ID
        {{0x03, 0x08, 0}, std::string("naa.6001405AABBCCDDEEFF0011223344556\0", 37)},  // the first again
        {{0x61, 0x93, 0}, std::string("\x50\x01\x40\x5a\xab\xbc\xcd\xde", 8)},         // of the target port
    }));
    ASSERT_TRUE(identification);
    EXPECT_EQ(canonical_wwids(*identification), (std::vector<std::string>{kNaa, "t10.LIO-ORG_disk0_serial"}));
}

TEST(Wwid, OfAVendorDoesNotTellWhereABetterOneDoes) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(telling_wwids({kNaa, "t10.IET_00010001"}), Names{kNaa});
    EXPECT_EQ(telling_wwids({"eui.0025385a71b0a5f1", "iqn.a"}), Names{"eui.0025385a71b0a5f1"});
    EXPECT_EQ(telling_wwids({"t10.ATA_DISK_1"}), Names{"t10.ATA_DISK_1"});
    EXPECT_EQ(telling_wwids({}), Names{});
}

}  // namespace
}  // namespace prh::test
