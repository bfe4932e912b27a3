// SPDX-License-Identifier: MIT
// The node that a user names: opened to be sent to a helper.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "client/failure.h"

namespace prh::ctl {

/// PERSISTENT RESERVE IN is satisfied with a descriptor for reading; OUT needs one for both. Never blocks:
/// neither a drive without a medium nor a FIFO keeps us (O_NONBLOCK).
Expected<UniqueFd> open_device(const std::string& path, bool readonly);

}  // namespace prh::ctl
