// SPDX-License-Identifier: MIT
// A map over loop devices that call themselves SCSI disks, one I_T nexus each. The test answers for them and
// keeps their registrations.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "device/descriptor_kind.h"
#include "device/sg_result.h"
#include "multipath/multipath_device.h"
#include "multipath_io/fake_map.h"
#include "scsi/pr_out_parameters.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {

class RegisteredDisksTest : public ::testing::Test {
  protected:
    static constexpr std::array kNames{"sda", "sdb", "sdc"};

    void SetUp() override {
        for (const LoopDevice* const loop : {&loop_, &disks_[0], &disks_[1], &disks_[2]})
            if (!loop->failure().empty()) PRH_CANNOT_RUN(loop->failure());
        begin_anew();
    }
    /// A map with the paths sda and sdb, no registration and no state directory.
    void begin_anew() {
        map_.emplace(loop_.number());
        add_path(0);
        add_path(1);
        const std::lock_guard lock(mutex_);
        keys_.clear();
        directory_.emplace();
    }
    void add_path(std::size_t index) {
        map_->add(kNames.at(index), disks_.at(index).number());
        map_->node(kNames.at(index), disks_.at(index).node());
    }
    MultipathSettings settings() {
        MultipathSettings settings;
        settings.sysfs = map_->sysfs();
        settings.paths.dev = map_->dev();
        settings.paths.send = [this](FdRef disk, const SgCommand& command, std::chrono::milliseconds) {
            return answer(disk, command);
        };
        settings.state_directory = *directory_ / "state";
        settings.multipathd.address = *directory_ / "multipathd";
        settings.watch.period = std::chrono::milliseconds(5);
        return settings;
    }
    virtual SgOutcome answer(FdRef disk, const SgCommand& command) {
        return answer(device_number(disk), command);
    }
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
    ScsiStatus register_key(MultipathDevice& device, std::uint64_t key) {
        PrOutParameters parameters;
        parameters.service_action_key = {key};
        const auto list = parameters.encode();
        const Cdb cdb = Cdb::persistent_reserve_out(PrOutAction::RegisterAndIgnoreExistingKey, 0,
                                                    static_cast<std::uint32_t>(list.size()));
        return device.execute({cdb, FdRef(descriptor_.get()), list, {}, nullptr}).status;
    }
    std::uint64_t key_of(std::size_t index) {
        const std::lock_guard lock(mutex_);
        return keys_[disks_.at(index).number()];
    }
    void take_down(const std::string& number) {
        const std::lock_guard lock(mutex_);
        down_ = number;
    }

    std::optional<TemporaryDirectory> directory_;
    LoopDevice loop_;
    std::array<LoopDevice, 3> disks_;
    Descriptor descriptor_{loop_.node()};
    std::optional<FakeMap> map_;
    Trace trace_;
    std::mutex mutex_;
    std::map<std::string, std::uint64_t> keys_;  // by the disk's number
    std::string down_;
};

}  // namespace prh::test
