// SPDX-License-Identifier: MIT
// VPD page 83h: the names of a logical unit, and those that only look like it.
#include "scsi/device_identification.h"

#include <gtest/gtest.h>

#include "multipath_io/identification_page.h"

namespace prh::test {
namespace {

constexpr std::uint64_t kNaa = 0x6001405AABBCCDD0;

DeviceIdentification parsed(const std::vector<Page>& descriptors) {
    return DeviceIdentification::parse(identification_page(descriptors)).value();
}

TEST(DeviceIdentification, KnowsTheNamesOfALogicalUnit) {
    const auto page = parsed({naa(kNaa), text(1, "LIO-ORG disk"), text(8, "naa.6001405"), text(2, "12345678"),
                              relative_target_port(7)});
    EXPECT_EQ(page.logical_unit().size(), 4U);
    EXPECT_EQ(page.relative_target_port(), 7);
}

TEST(DeviceIdentification, LeavesOutWhatOthersMayShare) {
    EXPECT_TRUE(parsed({text(0, "vendor specific")}).logical_unit().empty());
    EXPECT_TRUE(parsed({descriptor(1, 3, 1, Page(8, 0x55))}).logical_unit().empty()) << "a target port's";
    EXPECT_TRUE(parsed({descriptor(2, 3, 1, Page(8, 0x55))}).logical_unit().empty()) << "a target device's";
    EXPECT_TRUE(parsed({descriptor(0, 3, 1, Page(8, 0))}).logical_unit().empty()) << "zeros";
    EXPECT_TRUE(parsed({text(1, "        ")}).logical_unit().empty()) << "blanks";
    EXPECT_TRUE(parsed({descriptor(0, 3, 1, {})}).logical_unit().empty()) << "nothing";
    EXPECT_TRUE(parsed({descriptor(0, 6, 1, {0, 0, 0, 1})}).logical_unit().empty()) << "a group's number";
}

TEST(DeviceIdentification, HasNoPortWhereItSaysNoneOrSeveral) {
    EXPECT_FALSE(parsed({naa(kNaa)}).relative_target_port());
    EXPECT_FALSE(parsed({relative_target_port(1), relative_target_port(2)}).relative_target_port());
    EXPECT_FALSE(parsed({descriptor(1, 4, 1, {0, 1})}).relative_target_port()) << "too short";
}

TEST(DeviceIdentification, IsRefusedIfItIsCutAnywhere) {
    const Page whole =
        identification_page(std::vector<Page>{naa(kNaa), text(1, "vendor disk"), relative_target_port(1)});
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(DeviceIdentification::parse(ConstBytes(whole).first(length))) << length;
    Page longer = whole;
    longer.push_back(0x55);
    EXPECT_TRUE(DeviceIdentification::parse(longer)) << "what follows the page is not the page";
    Page overlong = whole;
    overlong[4 + 3] = 0xFF;
    EXPECT_FALSE(DeviceIdentification::parse(overlong)) << "a designator longer than the page";
    Page other = whole;
    other[1] = 0x80;
    EXPECT_FALSE(DeviceIdentification::parse(other)) << "another page";
}

TEST(DeviceIdentification, OneNameInCommonMakesTheSameLogicalUnit) {
    const auto both = parsed({naa(kNaa), text(1, "vendor disk")});
    EXPECT_TRUE(both.same_logical_unit(parsed({naa(kNaa)})));
    EXPECT_TRUE(both.same_logical_unit(parsed({text(1, "vendor disk"), naa(7)})));
    EXPECT_FALSE(both.same_logical_unit(parsed({naa(kNaa + 1), text(1, "vendor disc")})));
    EXPECT_FALSE(parsed({}).same_logical_unit(parsed({}))) << "no name is none in common";
}

TEST(DeviceIdentification, IsNamedByAWwidThatIsMadeOfIt) {
    const auto page = parsed({naa(kNaa), descriptor(0, 2, 1, {1, 2, 3, 4, 5, 6, 7, 8})});
    EXPECT_EQ(page.is_named("36001405aabbccdd0"), true);
    EXPECT_EQ(page.is_named("36001405aabbccdd1"), false);
    EXPECT_EQ(page.is_named("20102030405060708"), true);
    EXPECT_EQ(page.is_named("20102030405060709"), false);
    EXPECT_EQ(parsed({text(8, "naa.6001405AABBCCDD0")}).is_named("36001405aabbccdd0"), true);
}

TEST(DeviceIdentification, CannotTellOfNamesOfAnotherForm) {
    const auto page = parsed({naa(kNaa)});
    for (const char* name : {"", "3", "3600", "my-disk", "1LIO-ORG_disk", "0QEMU_disk", "36001405AABBCCDD0",
                             "20102030405060708", "3not-hexadecimal!"})
        EXPECT_EQ(page.is_named(name), std::nullopt) << name;
    EXPECT_EQ(parsed({text(1, "vendor disk")}).is_named("36001405aabbccdd0"), std::nullopt);
}

}  // namespace
}  // namespace prh::test
