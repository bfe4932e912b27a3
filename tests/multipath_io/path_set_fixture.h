// SPDX-License-Identifier: MIT
// A map over loop devices that call themselves SCSI disks; commands go to the test.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "device/descriptor_kind.h"
#include "multipath/path_set.h"
#include "multipath_io/fake_map.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {

using Names = std::vector<std::string>;

inline constexpr PathCommand kTestUnitReady{};

class PathSetTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const LoopDevice& loop : loops_)
            if (!loop.failure().empty()) PRH_CANNOT_RUN(loop.failure());
    }
    void TearDown() override {
        held_ = false;
        EXPECT_TRUE(eventually([this] { return returned_ == begun_; })) << "what is under way uses the test";
    }

    /// A disk "sdX" over loop device `index`.
    void add(const std::string& name, std::size_t index,
             const Page& page = identification_page(FakeMap::kNaa)) {
        map_.add(name, loops_[index].number(), page);
        map_.node(name, loops_[index].node());
    }
    /// A path that hangs costs `timeout`, and must cost it: the default is for tests in which none does.
    PathSet paths(std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
        PathSetSettings settings;
        settings.dev = map_.dev();
        settings.timeout = timeout;
        settings.grace = std::chrono::milliseconds(0);
        settings.send = [this](FdRef device, const SgCommand& command, std::chrono::milliseconds) {
            return answer(device, command);
        };
        return PathSet(map_.map(), map_.wwid(), settings, couriers_, trace_,
                       [this](std::string_view text) { reports_.emplace_back(text); });
    }
    SgOutcome answer(FdRef device, const SgCommand& command) {
        ++begun_;
        const std::string number = device_number(device);
        while (held_ && number == loops_[0].number())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (!command.data_in.empty()) command.data_in[0] = static_cast<std::uint8_t>(number.back());
        const SgOutcome outcome{delivery_, CommandResult::good(command.data_in.empty() ? 0 : 1)};
        ++returned_;
        return outcome;
    }
    static Names names(const PathSet& paths) {
        Names found;
        for (std::size_t i = 0; i < paths.count(); ++i) found.push_back(paths.name(i));
        return found;
    }
    /// For a test with a path that hangs: in this time the others have answered, on a loaded machine too.
    static constexpr std::chrono::milliseconds kShort{500};
    std::string number(std::size_t index) const { return loops_[index].number(); }
    const std::string kPrefix = "multipath map dm-3 (mpatha): persistent reservations cannot use ";

    LoopDevice loops_[3];
    FakeMap map_;
    Trace trace_;
    Names reports_;
    std::atomic<bool> held_ = false;
    std::atomic<int> begun_ = 0;
    std::atomic<int> returned_ = 0;
    SgDelivery delivery_ = SgDelivery::Answered;
    Couriers couriers_;
};

}  // namespace prh::test
