// SPDX-License-Identifier: MIT
// The long options that the programs share: sockets, limits, who is served, confinement.
#pragma once

#include <vector>

#include "server/options.h"

namespace prh {

/// They write to `options`, which outlives them. `drives_devices`: with --timeout.
std::vector<LongOption> shared_long_options(Options& options, bool drives_devices);

}  // namespace prh
