// SPDX-License-Identifier: MIT
// One disk, asked through the helper's socket for what is registered and held.
#pragma once

#include <chrono>
#include <string>

#include "client/failure.h"
#include "monitor/disk_answer.h"
#include "monitor/state.h"

namespace prh::ctl {

/// The node of a device that a helper has told of; a failure says why there is none to ask.
Expected<std::string> node_of(const DeviceState& device);

/// READ FULL STATUS and READ RESERVATION; READ KEYS where a disk does not know the first, which is optional.
/// `number`: what the node has to be, so that no other disk of the same name is asked.
Expected<DiskAnswer> ask_disk(const std::string& socket, const std::string& node, const std::string& number,
                              std::chrono::seconds timeout);

}  // namespace prh::ctl
