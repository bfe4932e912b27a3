// SPDX-License-Identifier: MIT
// What is answered without a SCSI disk: refusals, what is said of them, and the kernel's own "no".
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <vector>

#include "device/sg_device.h"
#include "scsi/names.h"
#include "support/environment.h"
#include "support/loop_device.h"
#include "unit/device_fake_sysfs.h"

namespace prh::test {
namespace {

using Lines = std::vector<std::string>;

class SgDeviceTest : public ::testing::Test {
  protected:
    std::string brief(const CommandResult& result) {
        EXPECT_EQ(result.data_length, 0U);
        const auto code = result.sense.code();
        return fmt::format("{:02x}", static_cast<unsigned>(result.status)) +
               (code ? fmt::format(" {:02x}/{:02x}/{:02x}", static_cast<unsigned>(code->key), code->asc,
                                   code->ascq)
                     : "");
    }
    SgDevice device(SgDeviceSettings settings) {
        return SgDevice(std::move(settings), trace_,
                        [this](std::string_view text) { reports_.emplace_back(text); });
    }
    std::string in(const Descriptor& descriptor) { return in(device_, descriptor); }
    std::string in(SgDevice& device, const Descriptor& descriptor) {
        std::array<std::uint8_t, 24> data{};
        return brief(device.execute(
            {Cdb::persistent_reserve_in(PrInAction::ReadKeys, 24), FdRef(descriptor.get()), {}, data}));
    }
    std::string out(const Descriptor& descriptor) { return out(device_, descriptor); }
    std::string out(SgDevice& device, const Descriptor& descriptor) {
        const std::array<std::uint8_t, 24> list{};
        return brief(device.execute(
            {Cdb::persistent_reserve_out(PrOutAction::Register, 0, 24), FdRef(descriptor.get()), list, {}}));
    }
    std::string clean_up(const Descriptor& descriptor) { return clean_up(device_, descriptor); }
    std::string clean_up(SgDevice& device, const Descriptor& descriptor) {
        return brief(device.execute({Cdb::clean_up(), FdRef(descriptor.get()), {}, {}}));
    }

    TemporaryDirectory directory_;
    Trace trace_;
    std::vector<std::string> reports_;
    SgDevice device_ = device({std::chrono::milliseconds(1000)});
};

TEST_F(SgDeviceTest, WhatIsNoDeviceIsRefusedAndNamed) {
    EXPECT_EQ(in(Descriptor("/dev/null")), "02 0b/00/06");
    EXPECT_EQ(out(Descriptor("/dev/null")), "02 0b/00/06");
    EXPECT_EQ(in(Descriptor(directory_ / "file", O_RDWR | O_CREAT)), "02 0b/00/06");
    const std::string why = ": it is neither a block device nor a SCSI generic one";
    EXPECT_EQ(reports_, (std::vector<std::string>{
                            "Refused a persistent reservation command for device 1:3" + why,
                            "Refused a persistent reservation command for device 1:3" + why,
                            "Refused a persistent reservation command for device no device" + why}));
}

TEST_F(SgDeviceTest, ReservingNeedsADescriptorOpenedForWriting) {
    EXPECT_EQ(out(Descriptor("/dev/null", O_RDONLY)), "02 05/20/00");
    EXPECT_EQ(clean_up(Descriptor("/dev/null", O_RDONLY)), "02 05/20/00");
    EXPECT_EQ(out(Descriptor(directory_.path(), O_RDONLY | O_DIRECTORY)), "02 05/20/00");
    EXPECT_EQ(out(Descriptor("/dev/null", O_WRONLY)), "02 0b/00/06") << "writing alone is enough";
    EXPECT_EQ(in(Descriptor("/dev/null", O_RDONLY)), "02 0b/00/06") << "reading keys changes nothing";
}

/// Counts what it is handed, and answers RESERVATION CONFLICT.
class FakeMultipath : public ReservationDevice {
  public:
    CommandResult execute(const ReservationCommand&) override {
        ++commands;
        return CommandResult::of(ScsiStatus::ReservationConflict);
    }
    int commands = 0;
};

TEST_F(SgDeviceTest, WhatIsNoMultipathNodeIsNotHandedOn) {
    FakeMultipath multipath;
    SgDevice device = this->device({std::chrono::milliseconds(1000), &multipath});
    const Descriptor null("/dev/null");
    EXPECT_EQ(out(device, null), "02 0b/00/06");
    EXPECT_EQ(clean_up(device, null), "00");
    EXPECT_EQ(multipath.commands, 0);
}

/// The paths of a map are opened here, so nothing but the client's descriptor shows what the client may do.
TEST_F(SgDeviceTest, AMapIsServedAsItWasOpened) {
    LoopDevice loop;
    if (!loop.failure().empty()) PRH_CANNOT_RUN(loop.failure());
    FakeSysfs sysfs;
    sysfs.map(loop.number(), "mpath-36001405", {});
    FakeMultipath multipath;
    SgDevice device = this->device({std::chrono::milliseconds(1000), &multipath, {}, sysfs.path()});
    const auto answers = [&](int flags) {
        const Descriptor map(loop.node(), flags);
        return in(device, map) + ", " + out(device, map) + ", " + clean_up(device, map);
    };
    EXPECT_EQ(answers(O_PATH), "02 0b/00/06, 02 0b/00/06, 02 0b/00/06");
    EXPECT_EQ(multipath.commands, 0);
    EXPECT_EQ(reports_, Lines(3, "Refused a persistent reservation command for device " + loop.number() +
                                     ": the client has not opened it (O_PATH), so it has proved no access"));
    const Descriptor unopened(loop.node(), O_PATH);
    const DeviceIdentity identity = device.identify(FdRef(unopened.get()));
    EXPECT_EQ(identity.number + " " + std::string(name(identity.kind)), "no device other");

    EXPECT_EQ(answers(O_WRONLY), "02 05/20/00, 18, 18");
    EXPECT_EQ(answers(O_RDONLY), "18, 02 05/20/00, 02 05/20/00");
    EXPECT_EQ(answers(O_RDWR), "18, 18, 18");
}

TEST_F(SgDeviceTest, ABlockDeviceThatSysfsDoesNotShowIsAFailureOfOurs) {
    LoopDevice loop;
    if (!loop.failure().empty()) PRH_CANNOT_RUN(loop.failure());
    SgDevice device = this->device({std::chrono::milliseconds(1000), nullptr, {}, "/nonexistent"});
    EXPECT_EQ(in(device, Descriptor(loop.node())), "02 04/44/00");
    EXPECT_EQ(reports_, Lines{"Refused a persistent reservation command for device " + loop.number() +
                              ": sysfs does not show what it is (is /sys mounted?)"});
}

TEST_F(SgDeviceTest, CleaningUpAfterOnePathIsNoWork) {
    EXPECT_EQ(clean_up(Descriptor("/dev/null")), "00");
    EXPECT_TRUE(reports_.empty());
}

TEST_F(SgDeviceTest, APartitionIsRefused) {
    LoopDevice loop;
    if (!loop.failure().empty()) PRH_CANNOT_RUN(loop.failure());
    const auto node = loop.partition(1);
    if (!node) PRH_CANNOT_RUN("the kernel shows no partitions of loop devices");
    const Descriptor partition(*node);
    if (!partition.valid()) PRH_CANNOT_RUN("device nodes do not work in /tmp");
    EXPECT_EQ(in(partition), "02 05/20/00");
    EXPECT_EQ(out(partition), "02 05/20/00");
    ASSERT_EQ(reports_.size(), 2U);
    EXPECT_NE(reports_[0].find("it is a partition, and a reservation would take the whole disk"),
              std::string::npos);
}

TEST_F(SgDeviceTest, ADiskThatIsNoScsiDiskRefusesByItself) {
    LoopDevice loop;
    if (!loop.failure().empty()) PRH_CANNOT_RUN(loop.failure());
    const Descriptor disk(loop.node());
    EXPECT_EQ(in(disk), "02 05/24/00") << "EINVAL of the loop driver";
    EXPECT_EQ(out(disk), "02 05/24/00");
    EXPECT_TRUE(reports_.empty());
}

TEST_F(SgDeviceTest, CommandsAndResultsAreTraced) {
    LoopDevice loop;
    if (!loop.failure().empty()) PRH_CANNOT_RUN(loop.failure());
    ASSERT_TRUE(trace_.open_file(directory_ / "trace"));
    trace_.set("device_*", true);
    in(Descriptor(loop.node()));
    const std::string text = read_file(directory_ / "trace");
    EXPECT_NE(text.find(" device_command device=" + loop.number() + " "), std::string::npos) << text;
    EXPECT_NE(text.find(" device_result device=" + loop.number() + " "), std::string::npos) << text;
}

}  // namespace
}  // namespace prh::test
