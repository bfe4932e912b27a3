// SPDX-License-Identifier: MIT
// The options of qemu-pr-helper that are about dm-multipath.
#pragma once

#include <vector>

#include "multipath/multipath_device.h"
#include "server/options.h"

namespace prh {

struct MultipathOptions {
    bool served = true;       ///< --multipath=native; off: multipath nodes are refused
    bool with_broker = true;  ///< --path-broker=auto: where one can be made
    MultipathSettings settings;
};

/// They write to `options`, which outlives them.
std::vector<LongOption> multipath_options(MultipathOptions& options);

}  // namespace prh
