// SPDX-License-Identifier: MIT
// What a descriptor stands for by name, and the list of those that are served. A real block device's number,
// and a /sys of the test's own that says it is a SCSI disk.
#include <gtest/gtest.h>

#include "device/allowed_devices.h"
#include "device/disk_identity.h"
#include "support/environment.h"
#include "support/loop_device.h"
#include "unit/device_fake_sysfs.h"

namespace prh::test {
namespace {

constexpr char kNaa[] = "naa.6001405aabbccddeeff0011223344556";
const std::string kPage83(
    "\x00\x83\x00\x14\x01\x03\x00\x10"
    "\x60\x01\x40\x5a\xab\xbc\xcd\xde\xef\xf0\x01\x12\x23\x34\x45\x56",
    24);

class DiskIdentityTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!loop_.failure().empty()) PRH_CANNOT_RUN(loop_.failure());
        descriptor_ = Descriptor(loop_.node());
    }
    DeviceIdentity identity() { return identify_disk(FdRef(descriptor_.get()), classifier_); }
    std::string number() { return loop_.number(); }

    LoopDevice loop_;
    Descriptor descriptor_;
    FakeSysfs sysfs_;
    DescriptorClassifier classifier_{sysfs_.path()};
};

TEST_F(DiskIdentityTest, OfAScsiDiskIsItsPageAndItsAddress) {
    sysfs_.scsi_disk(number(), "3:0:0:1", kPage83);
    EXPECT_EQ(identity().number, number());
    EXPECT_EQ(identity().wwids, std::vector<std::string>{kNaa});
    EXPECT_EQ(identity().nexuses, std::vector<std::string>{std::string("3:0:0:1 ") + kNaa});
}

TEST_F(DiskIdentityTest, KernelNameIsThatOfTheDiskBelow) {
    sysfs_.scsi_disk("8:16", "3:0:0:1", kPage83);
    const std::string disk = sysfs_.path() + "/sdb";  // sysfs has a link there
    std::filesystem::rename(sysfs_.of("8:16"), disk);
    std::filesystem::create_directory_symlink(disk, sysfs_.of("8:16"));
    sysfs_.map(number(), "LVM-x", {"8:16"});
    EXPECT_EQ(kernel_name(FdRef(descriptor_.get()), classifier_), "sdb");
}

TEST_F(DiskIdentityTest, KernelNameOfNoDiskIsEmpty) {
    EXPECT_EQ(kernel_name(FdRef(Descriptor("/dev/null").get()), classifier_), "");
}

TEST_F(DiskIdentityTest, OfADiskWithoutThePageIsTheNameThatTheKernelChose) {
    sysfs_.scsi_disk(number(), "3:0:0:1", "", "t10.ATA     DISK   1");
    EXPECT_EQ(identity().wwids, std::vector<std::string>{"t10.ATA_DISK_1"});
}

TEST_F(DiskIdentityTest, OfAnotherDiskIsItsNumber) {
    sysfs_.disk(number());
    EXPECT_EQ(identity().number, number());
    EXPECT_TRUE(identity().wwids.empty());
    EXPECT_TRUE(identity().nexuses.empty());
    EXPECT_TRUE(identify_disk(FdRef(Descriptor("/dev/null").get()), classifier_).nexuses.empty());
}

TEST_F(DiskIdentityTest, OfAMultipathNodeIsThatOfAllItsPaths) {
    sysfs_.scsi_disk("8:16", "3:0:0:1", kPage83);
    sysfs_.scsi_disk("8:32", "4:0:0:1", kPage83);
    sysfs_.map(number(), "mpath-36001405aabbccddeeff0011223344556", {"8:16", "8:32"});
    EXPECT_EQ(identity().wwids, std::vector<std::string>{kNaa});
    EXPECT_EQ(identity().nexuses,
              (std::vector<std::string>{std::string("3:0:0:1 ") + kNaa, std::string("4:0:0:1 ") + kNaa}));
}

TEST_F(DiskIdentityTest, OfAMapOverAWholeDiskIsTheDisks) {
    sysfs_.scsi_disk("8:16", "3:0:0:1", kPage83);
    sysfs_.map(number(), "LVM-x", {"8:16"});
    EXPECT_EQ(identity().wwids, std::vector<std::string>{kNaa});
}

TEST_F(DiskIdentityTest, DecidesWhetherADeviceIsAllowed) {
    sysfs_.scsi_disk(number(), "3:0:0:1", kPage83);
    AllowedDevices allowed;
    EXPECT_TRUE(allowed.all());
    ASSERT_TRUE(allowed.add("wwid:36001405aabbccddeeff0011223344557"));
    EXPECT_FALSE(allowed.all());
    EXPECT_FALSE(allowed.admit(identity()));
    ASSERT_TRUE(allowed.add("wwid:36001405aabbccddeeff0011223344556"));
    EXPECT_TRUE(allowed.admit(identity()));
    EXPECT_FALSE(allowed.admit({number(), "", {}, {}})) << "a device without a name is on no list";
}

}  // namespace
}  // namespace prh::test
