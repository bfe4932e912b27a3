// SPDX-License-Identifier: MIT
// A path that returns is registered by a command down that path, without a request.
#include <algorithm>

#include "multipath_io/fake_multipathd.h"
#include "multipath_io/registered_disks.h"

namespace prh::test {
namespace {

class WatchedDeviceTest : public RegisteredDisksTest {
  protected:
    MultipathDevice device() {
        return MultipathDevice(settings(), trace_, [](std::string_view) {});
    }
};

TEST_F(WatchedDeviceTest, APathThatIsRunningAgainGetsTheKey) {
    MultipathDevice device = this->device();
    device.start();
    map_->set_state("sdb", "offline");
    ASSERT_EQ(register_key(device, 0x1111), ScsiStatus::Good);
    EXPECT_EQ(key_of(1), 0U);
    map_->set_state("sdb", "running");
    EXPECT_TRUE(eventually([&] { return key_of(1) == 0x1111; }));
}

TEST_F(WatchedDeviceTest, APathThatAnswersAgainGetsTheKeyThoughTheKernelSaidNothing) {
    MultipathDevice device = this->device();
    device.start();
    take_down(disks_[1].number());
    ASSERT_EQ(register_key(device, 0x1111), ScsiStatus::Good);
    EXPECT_EQ(key_of(1), 0U);
    take_down("");
    EXPECT_TRUE(eventually([&] { return key_of(1) == 0x1111; }));
}

TEST_F(WatchedDeviceTest, APathThatReturnedWhileNoProcessRanGetsTheKeyAtTheStart) {
    {
        MultipathDevice device = this->device();
        map_->set_state("sdb", "offline");
        ASSERT_EQ(register_key(device, 0x1111), ScsiStatus::Good);
    }
    map_->set_state("sdb", "running");
    MultipathDevice device = this->device();
    device.start();
    EXPECT_TRUE(eventually([&] { return key_of(1) == 0x1111; }));
    EXPECT_EQ(key_of(0), 0x1111U);
}

TEST_F(WatchedDeviceTest, WhatAHelperThatEndedCouldNotTellMultipathdTheNextOneTells) {
    {
        MultipathDevice device = this->device();
        ASSERT_EQ(register_key(device, 0x1111), ScsiStatus::Good);
    }
    FakeMultipathd multipathd(*directory_ / "multipathd", FakeMultipathd::version(14));
    MultipathDevice device = this->device();
    device.start();
    const std::string told = "setprkey map " + map_->map().kernel_name() + " key 1111";
    EXPECT_TRUE(eventually([&] {
        const std::vector<std::string> commands = multipathd.commands();
        return std::count(commands.begin(), commands.end(), told) != 0;
    }));
}

}  // namespace
}  // namespace prh::test
