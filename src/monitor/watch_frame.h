// SPDX-License-Identifier: MIT
// One picture of the live view. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "client/state.h"
#include "monitor/disk_inquiries.h"
#include "monitor/key_owners.h"

namespace prh::ctl {

/// `hidden`: the process whose connections are left out, since it only looks.
std::string watch_frame(const HelperState& state, const DiskViews& disks, const KeyOwners& owners,
                        std::int64_t hidden);

/// The first `rows` lines, each of at most `columns` characters; the last one tells of what did not fit.
std::string clip(const std::string& text, std::size_t rows, std::size_t columns);

}  // namespace prh::ctl
