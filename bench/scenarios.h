// SPDX-License-Identifier: MIT
// One contender, one run: every scenario once, each against a server that was started for it, so that no
// scenario profits or suffers from what an earlier one left in caches, heaps and thread pools.
#pragma once

#include <string>

#include "figures.h"

namespace prh::bench {

struct Bench {
    std::string program;
    Contender contender;
    int device;      ///< a descriptor whose SG_IO answers EINVAL: a loop device
    double seconds;  ///< measured in every scenario
    Scale scale;
};

/// Requests per second where one of `open` connections is busy, now this one and now that; also what the
/// scenarios "one busy among N open" are.
double one_busy_among(const Bench& bench, std::size_t open);

void run_scenarios(const Bench& bench, Figures& figures);

}  // namespace prh::bench
