// SPDX-License-Identifier: MIT
// Which map a descriptor stands for, and what is answered when none of its paths can be had. The maps are
// loop devices that call themselves dm-multipath.
#include "multipath/multipath_device.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "multipath_io/fake_map.h"
#include "scsi/names.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {
namespace {

using Lines = std::vector<std::string>;

class MultipathDeviceTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!loop_.failure().empty()) PRH_CANNOT_RUN(loop_.failure());
        if (!disk_.failure().empty()) PRH_CANNOT_RUN(disk_.failure());
    }
    MultipathDevice device(const FakeMap& map) {
        MultipathSettings settings;
        settings.sysfs = map.sysfs();
        settings.paths.dev = map.dev();
        settings.paths.send = [this](FdRef, const SgCommand& command, std::chrono::milliseconds) {
            ++sent_;
            return SgOutcome{SgDelivery::Answered, CommandResult::good(static_cast<std::uint32_t>(
                                                       std::min<std::size_t>(8, command.data_in.size())))};
        };
        settings.state_directory = directory_ / "state";
        settings.multipathd.address = directory_ / "multipathd";
        return MultipathDevice(settings, trace_,
                               [this](std::string_view text) { reports_.emplace_back(text); });
    }
    CommandResult read_keys(MultipathDevice& device, Lines* paths_used = nullptr) {
        std::array<std::uint8_t, 24> data{};
        return device.execute({Cdb::persistent_reserve_in(PrInAction::ReadKeys, 24),
                               FdRef(descriptor_.get()),
                               {},
                               data,
                               paths_used});
    }
    static std::string brief(const CommandResult& result) {
        const auto code = result.sense.code();
        return code ? to_string(*code) : std::string(name(result.status));
    }
    std::string of_map(const FakeMap& map) const { return map.map().title(); }

    TemporaryDirectory directory_;
    LoopDevice loop_;
    LoopDevice disk_;
    Descriptor descriptor_{loop_.node()};
    Trace trace_;
    Lines reports_;
    std::atomic<int> sent_ = 0;
};

TEST_F(MultipathDeviceTest, CommandsGoDownAPath) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    MultipathDevice device = this->device(map);
    EXPECT_EQ(device.maps(), 0U);
    EXPECT_EQ(brief(read_keys(device)), "GOOD");
    EXPECT_GT(sent_, 0);
    EXPECT_EQ(device.maps(), 1U);
    EXPECT_EQ(brief(read_keys(device)), "GOOD");
    EXPECT_EQ(device.maps(), 1U);
}

TEST_F(MultipathDeviceTest, SaysWhichPathsWereUsedToWhomeverAsks) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    MultipathDevice device = this->device(map);
    Lines first, second;
    EXPECT_EQ(brief(read_keys(device, &first)), "GOOD");
    EXPECT_EQ(first, Lines{"sda"});
    EXPECT_EQ(brief(read_keys(device)), "GOOD");
    EXPECT_EQ(brief(read_keys(device, &second)), "GOOD");
    EXPECT_EQ(first, Lines{"sda"}) << "each command has a list of its own";
    EXPECT_EQ(second, Lines{"sda"});
    map.remove("sda");
    Lines none;
    EXPECT_NE(brief(read_keys(device, &none)), "GOOD");
    EXPECT_EQ(none, Lines{});
}

TEST_F(MultipathDeviceTest, AMapThatWasMadeAnewIsAnother) {
    FakeMap map(loop_.number());
    MultipathDevice device = this->device(map);
    read_keys(device);
    map.set_uuid("mpath-another");
    read_keys(device);
    EXPECT_EQ(device.maps(), 1U) << "the one that was there before is forgotten";
}

TEST_F(MultipathDeviceTest, WithoutAPathTheCommandFailsAndItIsTold) {
    FakeMap map(loop_.number());
    MultipathDevice device = this->device(map);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(read_keys(device).sense.code(), sense::kCommunicationFailure);
    EXPECT_EQ(reports_,
              Lines{"multipath map " + of_map(map) + ": no path can be opened; commands of guests fail"});
    map.add("sda", disk_.number());
    read_keys(device);
    ASSERT_EQ(reports_.size(), 2U);
    EXPECT_NE(
        reports_[1].find("sda (" + disk_.number() + "): " + map.dev() + "/sda: No such file or directory"),
        std::string::npos)
        << reports_[1];
    EXPECT_EQ(device.clean_up(FdRef(descriptor_.get())).sense.code(), sense::kCommunicationFailure);
}

TEST_F(MultipathDeviceTest, WhatIsNoMapAnyMoreIsRefused) {
    FakeMap map("254:3");
    MultipathDevice device = this->device(map);
    EXPECT_EQ(read_keys(device).sense.code(), sense::kInvalidOpcode);
    EXPECT_EQ(device.maps(), 0U);
}

TEST_F(MultipathDeviceTest, PreparedForAnotherUserItHasItsDirectory) {
    FakeMap map(loop_.number());
    MultipathDevice device = this->device(map);
    device.prepare_for(4242);
    EXPECT_TRUE(exists(directory_ / "state"));
    EXPECT_TRUE(reports_.empty());
}

}  // namespace
}  // namespace prh::test
