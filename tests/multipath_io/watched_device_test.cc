// SPDX-License-Identifier: MIT
// A path that returns is registered by a command down that path, without a request. The disks are loop
// devices, and the test answers for them.
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "device/descriptor_kind.h"
#include "multipath/multipath_device.h"
#include "multipath_io/fake_map.h"
#include "scsi/pr_out_parameters.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {
namespace {

class WatchedDeviceTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const LoopDevice* const loop : {&loop_, &first_, &second_})
            if (!loop->failure().empty()) PRH_CANNOT_RUN(loop->failure());
        map_.emplace(loop_.number());
        map_->add("sda", first_.number());
        map_->node("sda", first_.node());
        map_->add("sdb", second_.number());
        map_->node("sdb", second_.node());
    }
    MultipathDevice device() {
        MultipathSettings settings;
        settings.sysfs = map_->sysfs();
        settings.paths.dev = map_->dev();
        settings.paths.send = [this](FdRef disk, const SgCommand& command, std::chrono::milliseconds) {
            return answer(device_number(disk), command);
        };
        settings.state_directory = directory_ / "state";
        settings.multipathd.address = directory_ / "multipathd";
        settings.watch.period = std::chrono::milliseconds(5);
        return MultipathDevice(settings, trace_, [](std::string_view) {});
    }
    /// Two nexuses, each with its registration.
    SgOutcome answer(const std::string& disk, const SgCommand& command) {
        const std::lock_guard lock(mutex_);
        if (down_ == disk) return {SgDelivery::Unreachable, CommandResult::check_condition({})};
        std::uint32_t length = 0;
        if (command.cdb.is_persistent_reserve_out()) {
            const auto key = load_be<std::uint64_t>(command.parameter_list.data());
            const bool ignores = command.cdb.service_action() ==
                                 static_cast<std::uint8_t>(PrOutAction::RegisterAndIgnoreExistingKey);
            if (!ignores && keys_[disk] != key)
                return {SgDelivery::Answered, CommandResult::of(ScsiStatus::ReservationConflict)};
            keys_[disk] = load_be<std::uint64_t>(&command.parameter_list[8]);
        } else if (command.cdb.is_persistent_reserve_in() && command.data_in.size() >= 8) {
            if (command.cdb.service_action() == static_cast<std::uint8_t>(PrInAction::ReadFullStatus))
                return {SgDelivery::Answered, CommandResult::check_condition(sense::kInvalidFieldInCdb)};
            length = 8;
            if (command.cdb.service_action() == static_cast<std::uint8_t>(PrInAction::ReadKeys))
                for (const auto& [of, key] : keys_)
                    if (key != 0 && length + 8 <= command.data_in.size()) {
                        store_be(&command.data_in[length], key);
                        length += 8;
                        command.data_in[7] = static_cast<std::uint8_t>(length - 8);
                    }
        }
        return {SgDelivery::Answered, CommandResult::good(length)};
    }
    std::string register_key(MultipathDevice& device, std::uint64_t key) {
        PrOutParameters parameters;
        parameters.service_action_key = {key};
        const auto list = parameters.encode();
        const Cdb cdb = Cdb::persistent_reserve_out(PrOutAction::RegisterAndIgnoreExistingKey, 0,
                                                    static_cast<std::uint32_t>(list.size()));
        return device.execute({cdb, FdRef(descriptor_.get()), list, {}, nullptr}).status == ScsiStatus::Good
                   ? "GOOD"
                   : "not GOOD";
    }
    std::uint64_t key_of(const LoopDevice& loop) {
        const std::lock_guard lock(mutex_);
        return keys_[loop.number()];
    }
    void take_down(const std::string& number) {
        const std::lock_guard lock(mutex_);
        down_ = number;
    }

    TemporaryDirectory directory_;
    LoopDevice loop_, first_, second_;
    Descriptor descriptor_{loop_.node()};
    std::optional<FakeMap> map_;
    Trace trace_;
    std::mutex mutex_;
    std::map<std::string, std::uint64_t> keys_;
    std::string down_;
};

TEST_F(WatchedDeviceTest, APathThatIsRunningAgainGetsTheKey) {
    MultipathDevice device = this->device();
    device.start();
    map_->set_state("sdb", "offline");
    ASSERT_EQ(register_key(device, 0x1111), "GOOD");
    EXPECT_EQ(key_of(second_), 0U);
    map_->set_state("sdb", "running");
    EXPECT_TRUE(eventually([&] { return key_of(second_) == 0x1111; }));
}

TEST_F(WatchedDeviceTest, APathThatAnswersAgainGetsTheKeyThoughTheKernelSaidNothing) {
    MultipathDevice device = this->device();
    device.start();
    take_down(second_.number());
    ASSERT_EQ(register_key(device, 0x1111), "GOOD");
    EXPECT_EQ(key_of(second_), 0U);
    take_down("");
    EXPECT_TRUE(eventually([&] { return key_of(second_) == 0x1111; }));
}

TEST_F(WatchedDeviceTest, APathThatReturnedWhileNoProcessRanGetsTheKeyAtTheStart) {
    {
        MultipathDevice device = this->device();
        map_->set_state("sdb", "offline");
        ASSERT_EQ(register_key(device, 0x1111), "GOOD");
    }
    map_->set_state("sdb", "running");
    MultipathDevice device = this->device();
    device.start();
    EXPECT_TRUE(eventually([&] { return key_of(second_) == 0x1111; }));
    EXPECT_EQ(key_of(first_), 0x1111U);
}

}  // namespace
}  // namespace prh::test
