// SPDX-License-Identifier: MIT
// Which map a descriptor stands for, and what is answered when none of its paths can be had. The maps are
// loop devices that call themselves dm-multipath.
#include "multipath/multipath_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "multipath_io/fake_map.h"
#include "multipath_io/fake_multipathd.h"
#include "multipath_io/slow_close.h"
#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"
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
            return answer(command);
        };
        if (close_) settings.paths.close = close_;
        settings.state_directory = directory_ / "state";
        settings.multipathd = {directory_ / "multipathd", std::chrono::seconds(10),
                               std::chrono::milliseconds(1)};
        return MultipathDevice(settings, trace_,
                               [this](std::string_view text) { reports_.emplace_back(text); });
    }
    /// A logical unit that keeps the key of one registration, and tells it.
    SgOutcome answer(const SgCommand& command) {
        if (command.cdb.is_persistent_reserve_out() && command.parameter_list.size() >= 16)
            std::copy_n(command.parameter_list.begin() + 8, key_.size(), key_.begin());
        const bool reads_keys = command.cdb.is_persistent_reserve_in() &&
                                command.cdb.service_action() == std::uint8_t(PrInAction::ReadKeys) &&
                                key_ != std::array<std::uint8_t, 8>{} && command.data_in.size() >= 16;
        if (reads_keys) {
            command.data_in[7] = 8;  // ADDITIONAL LENGTH
            std::copy(key_.begin(), key_.end(), command.data_in.begin() + 8);
        }
        const std::size_t length = std::min<std::size_t>(reads_keys ? 16 : 8, command.data_in.size());
        return {SgDelivery::Answered, CommandResult::good(static_cast<std::uint32_t>(length))};
    }
    CommandResult register_key(MultipathDevice& device, std::uint64_t key) {
        PrOutParameters parameters;
        parameters.service_action_key = {key};
        const auto list = parameters.encode();
        const Cdb cdb = Cdb::persistent_reserve_out(PrOutAction::RegisterAndIgnoreExistingKey, 0,
                                                    static_cast<std::uint32_t>(list.size()));
        return device.execute({cdb, FdRef(descriptor_.get()), list, {}, nullptr});
    }
    CommandResult read_keys(MultipathDevice& device, Lines* paths_used = nullptr) {
        std::array<std::uint8_t, 24> data{};
        return device.execute({Cdb::persistent_reserve_in(PrInAction::ReadKeys, 24),
                               FdRef(descriptor_.get()),
                               {},
                               data,
                               paths_used});
    }
    CommandResult clean_up(MultipathDevice& device, Lines* paths_used = nullptr) {
        return device.execute({Cdb::clean_up(), FdRef(descriptor_.get()), {}, {}, paths_used});
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
    std::array<std::uint8_t, 8> key_{};
    std::function<void(UniqueFd)> close_;
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

/// Its paths are opened here: nothing else would ask what the client may do.
TEST_F(MultipathDeviceTest, AMapThatTheClientHasNotOpenedIsNone) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    MultipathDevice device = this->device(map);
    descriptor_ = Descriptor(loop_.node(), O_PATH);
    ASSERT_TRUE(descriptor_.valid());
    EXPECT_EQ(read_keys(device).sense.code(), sense::kInvalidOpcode);
    EXPECT_EQ(register_key(device, 0xA).sense.code(), sense::kInvalidOpcode);
    EXPECT_EQ(clean_up(device).sense.code(), sense::kInvalidOpcode);
    EXPECT_EQ(sent_, 0);
    EXPECT_EQ(device.maps(), 0U);
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
    Lines cleaned;
    EXPECT_EQ(brief(clean_up(device, &cleaned)), "GOOD");
    EXPECT_EQ(cleaned, Lines{"sda"});
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

TEST_F(MultipathDeviceTest, NobodyWaitsForADeadDiskOfAMapThatIsGone) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    SlowClose slow;
    close_ = slow.close();
    {
        MultipathDevice device = this->device(map);
        EXPECT_EQ(brief(read_keys(device)), "GOOD");
        map.set_uuid("mpath-another");
        read_keys(device);
        EXPECT_TRUE(eventually([&] { return slow.begun() == 1; }));
        EXPECT_EQ(slow.ended(), 0) << "the request is answered all the same";
        EXPECT_EQ(device.maps(), 1U);
    }
    EXPECT_EQ(slow.ended(), 0) << "and the program may end";
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
    EXPECT_EQ(clean_up(device).sense.code(), sense::kCommunicationFailure);
}

TEST_F(MultipathDeviceTest, WhatIsNoMapAnyMoreIsRefused) {
    FakeMap map("254:3");
    MultipathDevice device = this->device(map);
    EXPECT_EQ(read_keys(device).sense.code(), sense::kInvalidOpcode);
    EXPECT_EQ(device.maps(), 0U);
}

TEST_F(MultipathDeviceTest, AMapOfDisksThatDoNotSayWhatTheyAreIsRefused) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    const std::string page = map.of("sda") + "/device/vpd_pg83";
    std::filesystem::remove(page);
    MultipathDevice device = this->device(map);
    EXPECT_EQ(read_keys(device).sense.code(), sense::kInvalidOpcode) << "there is no use in trying again";
    EXPECT_EQ(clean_up(device).sense.code(), sense::kInvalidOpcode);
    ASSERT_EQ(reports_.size(), 2U);
    EXPECT_NE(reports_[0].find("VPD page 83h"), std::string::npos) << reports_[0];
    EXPECT_NE(reports_[1].find("05/20/00"), std::string::npos) << reports_[1];
    EXPECT_EQ(sent_, 0);

    map.add("sdb", disk_.number());
    EXPECT_EQ(read_keys(device).sense.code(), sense::kCommunicationFailure) << "its node may come yet";
    map.node("sdb", disk_.node());
    EXPECT_EQ(brief(read_keys(device)), "GOOD");
}

TEST_F(MultipathDeviceTest, AMapThatIsNamedAfterAnotherLogicalUnitIsRefused) {
    FakeMap map(loop_.number(), "36001405ffffffff0");
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    MultipathDevice device = this->device(map);
    EXPECT_EQ(read_keys(device).sense.code(), sense::kInvalidOpcode);
}

TEST_F(MultipathDeviceTest, WhatSysfsCannotTellNowIsNoReasonToRefuse) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    const std::string page = map.of("sda") + "/device/vpd_pg83";
    std::filesystem::remove(page);
    std::filesystem::create_directory(page);  // there, and it cannot be read: as without descriptors
    MultipathDevice device = this->device(map);
    EXPECT_EQ(read_keys(device).sense.code(), sense::kCommunicationFailure);
}

TEST_F(MultipathDeviceTest, WhatMultipathdMissedItIsToldWithoutAnotherRequest) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    MultipathDevice device = this->device(map);
    EXPECT_EQ(brief(register_key(device, 0x1234)), "GOOD");
    FakeMultipathd multipathd(directory_ / "multipathd", FakeMultipathd::version(14));
    const std::string name = map.map().kernel_name();
    EXPECT_TRUE(eventually([&] { return multipathd.commands().size() >= 2; }, 10));
    EXPECT_EQ(multipathd.commands(),
              (Lines{"setprkey map " + name + " key 1234",
                     "setprstatus map " + name + " pathlist \"" + disk_.number() + "\""}));
}

TEST_F(MultipathDeviceTest, WhatMultipathdMissedIsWhatTheRecordSaysByNow) {
    FakeMap map(loop_.number());
    map.add("sda", disk_.number());
    map.node("sda", disk_.node());
    MultipathDevice device = this->device(map);
    EXPECT_EQ(brief(register_key(device, 0x1234)), "GOOD");
    {
        MultipathDevice other = this->device(map);  // another helper of this host, which ends
        EXPECT_EQ(brief(register_key(other, 0x5678)), "GOOD");
    }
    FakeMultipathd multipathd(directory_ / "multipathd", FakeMultipathd::version(14));
    EXPECT_TRUE(eventually([&] { return multipathd.commands().size() >= 2; }, 10));
    EXPECT_EQ(multipathd.commands().front(), "setprkey map " + map.map().kernel_name() + " key 5678");
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
