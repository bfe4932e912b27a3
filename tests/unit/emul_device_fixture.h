// SPDX-License-Identifier: MIT
// An EmulatedDevice, the files that are its logical units, and the commands of tests through real
// descriptors.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "emul/emulated_device.h"
#include "support/process.h"
#include "unit/emul_hosts.h"

namespace prh::test {

/// One disk with two names, "disk" and "link", and a state directory that power_on_with_state() uses.
class EmulatedDeviceTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(std::filesystem::create_directory(state));
        write_file(disk, "");
        std::filesystem::create_hard_link(disk, directory / "link");
        power_on({});
    }

    void power_on(std::optional<AptplStore> store, EmulationLimits limits = {}) {
        device.reset();  // the state directory is one process's at a time
        device = std::make_unique<EmulatedDevice>(
            std::move(store), [this](const Error& error) { reports.push_back(error.message); }, limits);
    }
    void power_on_with_state() {
        device.reset();
        auto store = AptplStore::open(state);
        ASSERT_TRUE(store) << store.error().message;
        power_on(*std::move(store));
    }

    UniqueFd open(const std::string& path, int flags = O_RDWR) {
        UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
        EXPECT_TRUE(fd.valid()) << path;
        return fd;
    }
    std::string out(const UniqueFd& fd, PrOutAction action, std::uint64_t key,
                    std::uint64_t service_action_key, std::uint8_t type = 0, bool aptpl = false) {
        const std::vector<std::uint8_t> list =
            PrOutParameters{{key}, {service_action_key}, false, false, aptpl, {}}.encode();
        return brief(
            device->execute({Cdb::persistent_reserve_out(action, type, 24), fd.ref(), list, MutableBytes()}));
    }
    std::string registers(const UniqueFd& fd, std::uint64_t old_key, std::uint64_t new_key,
                          bool aptpl = false) {
        return out(fd, PrOutAction::Register, old_key, new_key, 0, aptpl);
    }
    CommandResult in(const UniqueFd& fd, PrInAction action, std::vector<std::uint8_t>& data) {
        data.assign(8192, 0);
        const CommandResult result =
            device->execute({Cdb::persistent_reserve_in(action, 8192), fd.ref(), {}, data});
        data.resize(result.data_length);
        return result;
    }
    std::string reads(const UniqueFd& fd) {
        std::vector<std::uint8_t> data;
        return brief(in(fd, PrInAction::ReadKeys, data));
    }
    std::string cleans_up(const UniqueFd& fd) {
        return brief(device->execute({Cdb::clean_up(), fd.ref(), {}, {}}));
    }
    std::vector<std::uint64_t> keys_of(const UniqueFd& fd) {
        std::vector<std::uint8_t> data;
        in(fd, PrInAction::ReadKeys, data);
        std::vector<std::uint64_t> list;
        const auto parsed = ReadKeysData::parse(data);
        EXPECT_TRUE(parsed);
        if (parsed)
            for (const ReservationKey key : parsed->keys) list.push_back(key.value);
        return list;
    }
    std::string holder_type(const UniqueFd& fd) {
        std::vector<std::uint8_t> data;
        in(fd, PrInAction::ReadReservation, data);
        const auto parsed = ReadReservationData::parse(data);
        return parsed && parsed->held ? std::to_string(parsed->held->type) : "none";
    }
    std::string state_file() {
        for (const auto& entry : std::filesystem::directory_iterator(state))
            if (entry.path().extension() == ".aptpl") return entry.path();
        return "";
    }

    TemporaryDirectory directory;
    const std::string disk = directory / "disk";
    const std::string state = directory / "state";
    std::vector<std::string> reports;
    std::unique_ptr<EmulatedDevice> device;
};

}  // namespace prh::test
