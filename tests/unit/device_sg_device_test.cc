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

namespace prh::test {
namespace {

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
    std::string in(const Descriptor& descriptor) {
        std::array<std::uint8_t, 24> data{};
        return brief(device_.execute(
            {Cdb::persistent_reserve_in(PrInAction::ReadKeys, 24), FdRef(descriptor.get()), {}, data}));
    }
    std::string out(const Descriptor& descriptor) {
        const std::array<std::uint8_t, 24> list{};
        return brief(device_.execute(
            {Cdb::persistent_reserve_out(PrOutAction::Register, 0, 24), FdRef(descriptor.get()), list, {}}));
    }
    std::string clean_up(const Descriptor& descriptor) {
        return brief(device_.clean_up(FdRef(descriptor.get())));
    }

    TemporaryDirectory directory_;
    Trace trace_;
    std::vector<std::string> reports_;
    SgDevice device_{std::chrono::milliseconds(1000), trace_,
                     [this](std::string_view text) { reports_.emplace_back(text); }};
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
    for (const int flags : {O_RDONLY, O_PATH}) {
        EXPECT_EQ(out(Descriptor("/dev/null", flags)), "02 05/20/00");
        EXPECT_EQ(clean_up(Descriptor("/dev/null", flags)), "02 05/20/00");
    }
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
    CommandResult clean_up(FdRef) override {
        ++clean_ups;
        return CommandResult::of(ScsiStatus::ReservationConflict);
    }
    int commands = 0;
    int clean_ups = 0;
};

TEST_F(SgDeviceTest, WhatIsNoMultipathNodeIsNotHandedOn) {
    FakeMultipath multipath;
    SgDevice device(
        std::chrono::milliseconds(1000), trace_, [](std::string_view) {}, &multipath);
    const std::array<std::uint8_t, 24> list{};
    const Cdb cdb = Cdb::persistent_reserve_out(PrOutAction::Register, 0, 24);
    const Descriptor null("/dev/null");
    EXPECT_EQ(brief(device.execute({cdb, FdRef(null.get()), list, {}})), "02 0b/00/06");
    EXPECT_EQ(brief(device.clean_up(FdRef(null.get()))), "00");
    EXPECT_EQ(multipath.commands + multipath.clean_ups, 0);
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
