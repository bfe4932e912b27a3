// SPDX-License-Identifier: MIT
// What a descriptor stands for, by a /sys of the test's own and a real block device's number.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device/descriptor_kind.h"
#include "support/child_process.h"
#include "support/environment.h"
#include "support/loop_device.h"
#include "support/unprivileged.h"
#include "unit/device_fake_sysfs.h"

namespace prh::test {
namespace {

constexpr char kLvm[] = "LVM-4Bp8";
constexpr char kMultipath[] = "mpath-36001405";

class DescriptorKindTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!loop_.failure().empty()) PRH_CANNOT_RUN(loop_.failure());
        number_ = loop_.number();
        ASSERT_EQ(number_.substr(0, 2), "7:");
        descriptor_ = Descriptor(loop_.node());
        ASSERT_TRUE(descriptor_.valid());
    }
    DescriptorKind kind() { return classifier_.classify(FdRef(descriptor_.get())); }
    DescriptorKind fresh_kind() {
        return DescriptorClassifier(sysfs_.path()).classify(FdRef(descriptor_.get()));
    }

    LoopDevice loop_;
    std::string number_;
    Descriptor descriptor_;
    FakeSysfs sysfs_;
    DescriptorClassifier classifier_{sysfs_.path()};
};

TEST_F(DescriptorKindTest, AWholeDiskIsABlockDevice) {
    sysfs_.disk(number_);
    EXPECT_EQ(kind(), DescriptorKind::BlockDevice);
    EXPECT_EQ(device_number(FdRef(descriptor_.get())), number_);
}

TEST_F(DescriptorKindTest, AMapWhoseNameCannotBeReadIsNoDisk) {
    sysfs_.map(number_, kLvm, {"8:16"});
    std::filesystem::remove(sysfs_.of(number_) + "/dm/uuid");  // as EMFILE would have it
    EXPECT_EQ(kind(), DescriptorKind::Unknown);
}

TEST_F(DescriptorKindTest, APartitionIsOne) {
    sysfs_.partition(number_);
    EXPECT_EQ(kind(), DescriptorKind::Partition);
}

TEST_F(DescriptorKindTest, ADeviceThatSysfsDoesNotShowIsUnknown) {
    EXPECT_EQ(kind(), DescriptorKind::Unknown);
    EXPECT_EQ(DescriptorClassifier("/nonexistent").classify(FdRef(descriptor_.get())),
              DescriptorKind::Unknown);
    sysfs_.disk(number_);
    EXPECT_EQ(kind(), DescriptorKind::BlockDevice) << "that is not remembered";
}

TEST_F(DescriptorKindTest, AMapOverTheWholeOfADiskIsThatDisk) {
    sysfs_.disk("8:16");
    sysfs_.map(number_, kLvm, {"8:16"});
    EXPECT_EQ(kind(), DescriptorKind::BlockDevice);
}

TEST_F(DescriptorKindTest, AMapOverThePartOfADiskIsPartial) {
    sysfs_.disk("8:16", 4096);
    sysfs_.map(number_, kLvm, {"8:16"}, 2048);
    EXPECT_EQ(kind(), DescriptorKind::PartialMap);
}

TEST_F(DescriptorKindTest, AMapOverSeveralDisksOrNoneIsPartial) {
    sysfs_.disk("8:16");
    sysfs_.disk("8:32");
    sysfs_.map(number_, kLvm, {"8:16", "8:32"}, 4096);
    EXPECT_EQ(kind(), DescriptorKind::PartialMap);
    sysfs_.map(number_, kLvm, {"8:16", "8:32"}, 2048);
    EXPECT_EQ(kind(), DescriptorKind::PartialMap) << "mirrored";
    sysfs_.map(number_, kLvm, {});
    EXPECT_EQ(kind(), DescriptorKind::PartialMap) << "dm-zero";
    sysfs_.map(number_, "", {});
    EXPECT_EQ(kind(), DescriptorKind::PartialMap) << "a map need not have a UUID";
}

TEST_F(DescriptorKindTest, AMapOverAWholePartitionIsAPartition) {
    sysfs_.partition("8:17");
    sysfs_.map(number_, kLvm, {"8:17"}, 1024);
    EXPECT_EQ(kind(), DescriptorKind::Partition);
}

TEST_F(DescriptorKindTest, AMapWhoseDiskSysfsDoesNotShowIsPartial) {
    sysfs_.disk("8:16");
    sysfs_.map(number_, kLvm, {"8:16"});
    sysfs_.forget("8:16");
    EXPECT_EQ(kind(), DescriptorKind::PartialMap);
    for (const std::string wrong : {"", "8", "8:", ":16", "8:16:1", "8:x", "99999999999:1"}) {
        sysfs_.disk("8:16");
        write_file(sysfs_.of("8:16") + "/dev", wrong + "\n");
        EXPECT_EQ(kind(), DescriptorKind::PartialMap) << wrong;
    }
}

TEST_F(DescriptorKindTest, MultipathIsToldByItsUuid) {
    sysfs_.disk("8:16");
    sysfs_.disk("8:32");
    sysfs_.map(number_, kMultipath, {"8:16", "8:32"});
    EXPECT_EQ(kind(), DescriptorKind::Multipath);
    sysfs_.map(number_, kMultipath, {"8:16"});
    EXPECT_EQ(kind(), DescriptorKind::Multipath) << "one path is left";
    sysfs_.map(number_, kMultipath, {});
    EXPECT_EQ(kind(), DescriptorKind::Multipath) << "none is left";
}

TEST_F(DescriptorKindTest, AMapOverTheWholeOfMultipathIsMultipath) {
    sysfs_.map("252:0", kMultipath, {});
    sysfs_.map(number_, kLvm, {"252:0"});
    EXPECT_EQ(kind(), DescriptorKind::Multipath);
    sysfs_.map(number_, std::string("part1-") + kMultipath, {"252:0"}, 1024);
    EXPECT_EQ(kind(), DescriptorKind::PartialMap) << "kpartx";
}

TEST_F(DescriptorKindTest, MapsAreFollowedDownToTheDisk) {
    sysfs_.disk("8:16");
    sysfs_.map("252:0", kLvm, {"8:16"});
    sysfs_.map("252:1", kLvm, {"252:0"});
    sysfs_.map(number_, kLvm, {"252:1"});
    EXPECT_EQ(kind(), DescriptorKind::BlockDevice);
    sysfs_.disk("8:16", 4096);
    EXPECT_EQ(kind(), DescriptorKind::PartialMap) << "the lowest one is over a part";
}

TEST_F(DescriptorKindTest, MapsWithoutABottomEndSomewhere) {
    sysfs_.map("252:0", kLvm, {});
    sysfs_.map(number_, kLvm, {"252:0"});
    sysfs_.map("252:0", kLvm, {number_});
    EXPECT_EQ(kind(), DescriptorKind::Unknown);
}

TEST_F(DescriptorKindTest, WhatADiskIsIsRememberedWhileItIsTheSameDisk) {
    sysfs_.disk(number_);
    ASSERT_EQ(kind(), DescriptorKind::BlockDevice);
    sysfs_.partition(number_);
    EXPECT_EQ(kind(), DescriptorKind::BlockDevice);
    EXPECT_EQ(fresh_kind(), DescriptorKind::Partition);
    descriptor_.close();
    ASSERT_TRUE(loop_.replace());
    descriptor_ = Descriptor(loop_.node());
    EXPECT_EQ(kind(), DescriptorKind::Partition) << "another disk of the same number";
}

/// Before Linux 5.15 BLKGETDISKSEQ goes to the driver, which may wait. This kernel would answer, and what the
/// disk is would be remembered: that it is looked up again shows that nobody asked.
TEST_F(DescriptorKindTest, ADiskIsNotAskedForASequenceNumberThatSysfsDoesNotShow) {
    sysfs_.disk_without_sequence(number_);
    ASSERT_EQ(kind(), DescriptorKind::BlockDevice);
    sysfs_.partition(number_);
    std::filesystem::remove(sysfs_.of(number_) + "/diskseq");
    EXPECT_EQ(kind(), DescriptorKind::Partition);
}

TEST_F(DescriptorKindTest, OneDiskWithASequenceNumberSpeaksForAll) {
    sysfs_.disk(number_);
    ASSERT_EQ(kind(), DescriptorKind::BlockDevice);
    descriptor_.close();
    ASSERT_TRUE(loop_.replace());
    descriptor_ = Descriptor(loop_.node());
    sysfs_.partition(number_);  // a partition has no attribute of its own
    std::filesystem::remove(sysfs_.of(number_) + "/diskseq");
    ASSERT_EQ(kind(), DescriptorKind::Partition);
    sysfs_.disk_without_sequence(number_);
    EXPECT_EQ(kind(), DescriptorKind::Partition) << "remembered by its sequence number";
}

TEST_F(DescriptorKindTest, MapsAreLookedUpEveryTime) {
    sysfs_.disk("8:16");
    sysfs_.map(number_, kLvm, {"8:16"});
    ASSERT_EQ(kind(), DescriptorKind::BlockDevice);
    sysfs_.disk("8:16", 4096);  // reloaded in place: the sequence number is the same
    EXPECT_EQ(kind(), DescriptorKind::PartialMap);
    sysfs_.map(number_, kMultipath, {"8:16"});
    EXPECT_EQ(kind(), DescriptorKind::Multipath);
}

TEST_F(DescriptorKindTest, WhatTheClientHasNotOpenedIsNoDevice) {
    sysfs_.map(number_, kMultipath, {});
    ASSERT_EQ(kind(), DescriptorKind::Multipath);
    const Descriptor without_access(loop_.node(), O_PATH);
    const FdRef unopened(without_access.get());
    EXPECT_EQ(classifier_.classify(unopened), DescriptorKind::Unopened);
    EXPECT_FALSE(classifier_.multipath_below(unopened).value());
    EXPECT_EQ(classifier_.disk_below(unopened), "");
    EXPECT_FALSE(device_key(unopened));
    EXPECT_TRUE(device_key(FdRef(descriptor_.get())));
}

/// --allow-device=/dev/sdb, where the helper may not open the disk.
TEST_F(DescriptorKindTest, ANodeThatTheAdministratorNamesNeedNotBeOpened) {
    sysfs_.partition(number_);
    const Descriptor without_access(loop_.node(), O_PATH);
    DescriptorClassifier classifier(sysfs_.path(), DescriptorClassifier::Of::Administrator);
    EXPECT_EQ(classifier.classify(FdRef(without_access.get())), DescriptorKind::Partition);
}

TEST(DescriptorKinds, WhatIsNoBlockDeviceIsOther) {
    TemporaryDirectory directory;
    DescriptorClassifier classifier;
    const Descriptor file(directory / "file", O_RDWR | O_CREAT);
    const Descriptor link_target(directory.path(), O_RDONLY | O_DIRECTORY);
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    const Descriptor reading(pipe[0]), writing(pipe[1]);
    EXPECT_EQ(classifier.classify(FdRef(-1)), DescriptorKind::Unopened);
    for (const int fd : {file.get(), link_target.get(), socket.get(), reading.get(), writing.get()}) {
        EXPECT_EQ(classifier.classify(FdRef(fd)), DescriptorKind::Other);
        EXPECT_EQ(device_number(FdRef(fd)), "no device");
    }
    const Descriptor null("/dev/null");
    EXPECT_EQ(classifier.classify(FdRef(null.get())), DescriptorKind::Other);
    EXPECT_EQ(device_number(FdRef(null.get())), "1:3");
}

TEST(DescriptorKinds, ACharacterDeviceOfMajor21IsScsiGeneric) {
    TemporaryDirectory directory;
    const std::string path = directory / "sg";
    if (::mknod(path.c_str(), S_IFCHR | 0600, makedev(21, 3)) != 0) PRH_CANNOT_RUN("no device nodes");
    const Descriptor sg(path, O_PATH);  // opening it for real needs the driver
    DescriptorClassifier classifier("/nonexistent", DescriptorClassifier::Of::Administrator);
    EXPECT_EQ(classifier.classify(FdRef(sg.get())), DescriptorKind::ScsiGeneric);
    EXPECT_EQ(device_number(FdRef(sg.get())), "21:3");
    EXPECT_EQ(DescriptorClassifier("/nonexistent").classify(FdRef(sg.get())), DescriptorKind::Unopened);
}

std::string rights(int descriptor) {
    const DescriptorAccess access = access_of(FdRef(descriptor));
    return std::string(access.reads ? "r" : "-") + (access.writes ? "w" : "-");
}

TEST(DescriptorAccess, IsWhatTheFileWasOpenedFor) {
    TemporaryDirectory directory;
    const std::string file = directory / "file";
    write_file(file, "");
    EXPECT_EQ(rights(Descriptor(file, O_RDONLY).get()), "r-");
    EXPECT_EQ(rights(Descriptor(file, O_WRONLY).get()), "-w");
    EXPECT_EQ(rights(Descriptor(file, O_RDWR).get()), "rw");
    EXPECT_EQ(rights(Descriptor(file, O_PATH).get()), "--");
    EXPECT_EQ(rights(Descriptor(file, O_PATH | O_RDWR).get()), "--") << "the kernel ignores the mode then";
    EXPECT_EQ(rights(-1), "--");
}

/// A descriptor for ioctl(2) alone. Nobody gets one who could not have opened the file for both.
TEST(DescriptorAccess, OfMode3IsBothSinceTheKernelAsksForBoth) {
    constexpr int kForIoctl = 3;
    TemporaryDirectory directory;
    ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
    const std::string file = directory / "file";
    write_file(file, "");
    EXPECT_EQ(rights(Descriptor(file, kForIoctl).get()), "rw");
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    const auto opened_by_nobody = [&](mode_t mode) {
        EXPECT_EQ(::chmod(file.c_str(), mode), 0);
        return in_child([&] {
            become_nobody();
            return std::string(Descriptor(file, kForIoctl).valid() ? "opened" : "refused");
        });
    };
    EXPECT_EQ(opened_by_nobody(0604), "refused");
    EXPECT_EQ(opened_by_nobody(0602), "refused");
    EXPECT_EQ(opened_by_nobody(0606), "opened");
}

/// /proc/self/fd turns an O_PATH descriptor into another one, by a new open(2), which asks for permission.
TEST(DescriptorAccess, IsNotGainedByOpeningADescriptorAnew) {
    TemporaryDirectory directory;
    ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
    const std::string file = directory / "file";
    write_file(file, "");
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    EXPECT_EQ(in_child([&] {
                  become_nobody();
                  const Descriptor path_only(file, O_PATH);
                  const Descriptor anew("/proc/self/fd/" + std::to_string(path_only.get()), O_RDONLY);
                  return std::string(path_only.valid() ? "found" : "not found") +
                         (anew.valid() ? ", opened" : ", refused");
              }),
              "found, refused");
}

}  // namespace
}  // namespace prh::test
