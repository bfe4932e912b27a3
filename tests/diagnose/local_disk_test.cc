// SPDX-License-Identifier: MIT
// A disk as sysfs shows it: a map with its paths and their ports, one of its paths, a regular file.
#include "diagnose/local_disk.h"

#include <gtest/gtest.h>

#include "multipath_io/fake_map.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {
namespace {

using namespace prh::ctl;

class LocalDiskTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!loop_.failure().empty()) PRH_CANNOT_RUN(loop_.failure());
    }
    LocalDisk look(const FakeMap& map) const {
        return local_disk(FdRef(descriptor_.get()), loop_.node(), map.sysfs());
    }

    LoopDevice loop_;
    Descriptor descriptor_{loop_.node()};
};

TEST_F(LocalDiskTest, AMapHasPathsWithPortsAndStates) {
    FakeMap map(loop_.number());
    map.add("sda", "8:0", identification_page(FakeMap::kNaa, 9), "host7");
    map.add("sdb", "8:16", identification_page(FakeMap::kNaa, 10), "host8");
    map.set_state("sdb", "offline");
    map.write("class/fc_host/host7/port_name", "0x2100000000000001\n");
    const LocalDisk disk = look(map);
    EXPECT_EQ(disk.kind, DeviceKind::Multipath);
    EXPECT_EQ(disk.name, "mpatha");
    EXPECT_EQ(disk.map, "dm-" + loop_.number().substr(2));
    EXPECT_EQ(disk.wwid, map.wwid());
    EXPECT_EQ(disk.number, loop_.number());
    ASSERT_EQ(disk.paths.size(), 2U);
    EXPECT_EQ(disk.paths[0].name, "sda");
    EXPECT_EQ(disk.paths[0].initiator, "fcp,2100000000000001");
    EXPECT_EQ(disk.paths[0].target_port, "9");
    EXPECT_TRUE(disk.paths[0].up());
    EXPECT_EQ(disk.paths[1].initiator, "") << "its transport does not show it";
    EXPECT_EQ(disk.paths[1].target_port, "10");
    EXPECT_EQ(disk.paths[1].state, "offline");
    EXPECT_FALSE(disk.paths[1].up());
    EXPECT_EQ(disk.initiators, std::vector<std::string>{"fcp,2100000000000001"});
}

TEST_F(LocalDiskTest, ADiskThatTheHelperTakesForNoPathSaysWhy) {
    FakeMap map(loop_.number());
    map.add("sda", "8:0");
    map.add("sdb", "8:16", {});
    map.add("sdc", "8:32", identification_page(FakeMap::kNaa + 0x10));
    const LocalDisk disk = look(map);
    ASSERT_EQ(disk.paths.size(), 3U);
    EXPECT_EQ(disk.paths[0].unservable, "");
    EXPECT_EQ(disk.paths[1].unservable, "it does not say which logical unit it is (VPD page 83h)");
    EXPECT_EQ(disk.paths[2].unservable, "it is another logical unit than the map's name says");
}

TEST_F(LocalDiskTest, TheTransportTellsHowLongALostPathKeepsItsCommands) {
    FakeMap map(loop_.number());
    map.add("sda", "8:0", identification_page(FakeMap::kNaa), "host7/rport-7:0-1");
    map.add("sdb", "8:16", identification_page(FakeMap::kNaa), "host8/session4");
    map.add("sdc", "8:32", identification_page(FakeMap::kNaa), "host9");
    map.write("class/fc_remote_ports/rport-7:0-1/fast_io_fail_tmo", "5\n");
    map.write("class/fc_remote_ports/rport-7:0-1/dev_loss_tmo", "60\n");
    map.write("class/iscsi_session/session4/recovery_tmo", "-1\n");
    LocalDisk disk = look(map);
    ASSERT_EQ(disk.paths.size(), 3U);
    ASSERT_TRUE(disk.paths[0].giving_up);
    EXPECT_EQ(disk.paths[0].giving_up->seconds, 5);
    ASSERT_TRUE(disk.paths[1].giving_up);
    EXPECT_EQ(disk.paths[1].giving_up->seconds, std::nullopt) << "never";
    EXPECT_FALSE(disk.paths[2].giving_up);
    map.write("class/fc_remote_ports/rport-7:0-1/fast_io_fail_tmo", "off\n");
    map.write("class/iscsi_session/session4/recovery_tmo", "120\n");
    disk = look(map);
    EXPECT_EQ(disk.paths[0].giving_up->seconds, 60) << "then the port is removed";
    EXPECT_EQ(disk.paths[1].giving_up->seconds, 120);
}

TEST_F(LocalDiskTest, SoftwareIscsiShowsTheNameOfItsInitiatorAlone) {
    FakeMap map(loop_.number());
    map.add("sda", "8:0", identification_page(FakeMap::kNaa, 2), "host7/session4");
    map.write("class/iscsi_session/session4/initiatorname", "iqn.2026-01.org.example:host\n");
    const LocalDisk disk = look(map);
    EXPECT_EQ(disk.paths.at(0).initiator, "iqn.2026-01.org.example:host");
    EXPECT_EQ(disk.initiators, std::vector<std::string>{"iqn.2026-01.org.example:host"});
}

TEST(LocalDisk, AFileIsAnEmulatedDiskAndItsNameAHost) {
    TemporaryDirectory directory;
    write_file(directory / "disk", "");
    const Descriptor file(directory / "disk");
    const LocalDisk disk = local_disk(FdRef(file.get()), "disk", "/sys");
    EXPECT_EQ(disk.kind, DeviceKind::Emulated);
    ASSERT_EQ(disk.paths.size(), 1U);
    EXPECT_EQ(disk.paths[0].initiator, "iqn.2026-01.prhelper.emulator:" + (directory / "disk"));
    EXPECT_TRUE(disk.paths[0].up());
}

TEST(LocalDisk, WhatIsNoDiskIsOther) {
    const Descriptor null("/dev/null");
    const LocalDisk disk = local_disk(FdRef(null.get()), "/dev/null", "/sys");
    EXPECT_EQ(disk.kind, DeviceKind::Other);
    EXPECT_TRUE(disk.paths.empty());
}

}  // namespace
}  // namespace prh::test
