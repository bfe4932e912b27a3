// SPDX-License-Identifier: MIT
// What the helper says and what its disks say, as one JSON object. Pure.
#pragma once

#include <string>

#include "client/state.h"
#include "monitor/disk_inquiries.h"

namespace prh::ctl {

/// `line`, the answer of the helper that `state` was made of, with two members more: "disks", what the disks
/// say by the device's id, and "alarming", the counters that are worth a look.
std::string live_json(const std::string& line, const HelperState& state, const DiskViews& disks);

}  // namespace prh::ctl
