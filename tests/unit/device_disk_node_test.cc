// SPDX-License-Identifier: MIT
// Which block node a command for /dev/sgN is sent down. A loop device stands for the disk.
#include <gtest/gtest.h>

#include <filesystem>

#include "device/disk_node.h"
#include "support/environment.h"
#include "support/loop_device.h"
#include "unit/device_fake_sysfs.h"

namespace prh::test {
namespace {

constexpr DeviceNumber kGeneric{21, 3};
constexpr char kAddress[] = "3:0:0:1";

class DiskNodeTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!loop_.failure().empty()) PRH_CANNOT_RUN(loop_.failure());
        sysfs_.scsi_disk(loop_.number(), kAddress, "");
        sysfs_.generic("21:3", kAddress, "sda", loop_.number());
    }
    void node(const std::string& name, const std::string& target) {
        const std::filesystem::path path = dev_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::filesystem::create_symlink(target, path);
    }
    std::string opened() {
        const UniqueFd node = open_block_node_of(kGeneric, sysfs_.path(), dev_.path());
        return node.valid() ? device_number(node.ref()) : "none";
    }

    LoopDevice loop_;
    FakeSysfs sysfs_;
    TemporaryDirectory dev_;
};

TEST_F(DiskNodeTest, IsTheOneOfTheSameScsiDevice) {
    node("sda", loop_.node());
    EXPECT_EQ(opened(), loop_.number());
    const UniqueFd node = open_block_node_of(kGeneric, sysfs_.path(), dev_.path());
    EXPECT_FALSE(access_of(node.ref()).writes) << "udev would look at the disk anew";
}

TEST_F(DiskNodeTest, MayHaveItsNumberForAName) {
    node("block/" + loop_.number(), loop_.node());
    EXPECT_EQ(opened(), loop_.number());
}

TEST_F(DiskNodeTest, IsNoneWhereItCannotBeOpened) {
    EXPECT_EQ(opened(), "none");
    node("sda", "/dev/null");
    EXPECT_EQ(opened(), "none") << "another device";
}

TEST_F(DiskNodeTest, IsNoneWhereTheNumberIsAnotherScsiDevicesByNow) {
    node("sda", loop_.node());
    sysfs_.forget(loop_.number());
    sysfs_.scsi_disk(loop_.number(), "4:0:0:1", "");
    EXPECT_EQ(opened(), "none");
}

TEST_F(DiskNodeTest, IsNoneWhereSysfsShowsNone) {
    node("sda", loop_.node());
    EXPECT_FALSE(open_block_node_of({21, 4}, sysfs_.path(), dev_.path()).valid()) << "a tape, say";
}

}  // namespace
}  // namespace prh::test
