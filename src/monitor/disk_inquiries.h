// SPDX-License-Identifier: MIT
// Disks, asked in threads of their own: one that hangs keeps its thread, and neither the view nor the end of
// the program. A disk is asked once at a time, when something has been sent to it through this helper, or now
// and then for what other hosts send; and not at all while it owes somebody an answer for long.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "client/disk_answer.h"
#include "client/state.h"

namespace prh::ctl {

/// What is known of a disk: the last answer, and why there is no newer one.
struct DiskView {
    std::optional<DiskAnswer> answer;
    std::string problem;
};

/// By the id of the device.
using DiskViews = std::map<std::uint64_t, DiskView>;

class DiskInquiries {
  public:
    DiskInquiries(std::string socket, std::chrono::seconds timeout);

    /// Asks what is to be asked now, and tells what is known. `touched`: names of devices that may have
    /// changed.
    DiskViews ask(const HelperState& state, const std::set<std::string>& touched = {});
    /// Asks all, and tells what is known after `patience` at the latest.
    DiskViews ask_and_wait(const HelperState& state, std::chrono::milliseconds patience);

  private:
    struct Shared;

    void ask_one(const DeviceState& device, const HelperState& state, bool touched);

    std::shared_ptr<Shared> shared_;  // the threads' too: they may outlive this
};

}  // namespace prh::ctl
