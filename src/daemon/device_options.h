// SPDX-License-Identifier: MIT
// The options of qemu-pr-helper that say which devices are served.
#pragma once

#include <vector>

#include "device/allowed_devices.h"
#include "server/options.h"

namespace prh {

/// They write to `allowed`, which outlives them.
std::vector<LongOption> device_options(AllowedDevices& allowed);

}  // namespace prh
