// SPDX-License-Identifier: MIT
// What a helper says of itself as metrics for Prometheus. Pure. How many series there can be is bounded: by
// the devices that a helper remembers (256), and by kMaximumResults for each of them.
#pragma once

#include <string>

#include "client/state.h"
#include "monitor/exposition.h"

namespace prh::ctl {

/// A device invents sense codes as it likes; those beyond this many, in the order of their words, are counted
/// together as "other".
constexpr std::size_t kMaximumResults = 32;

std::string render_metrics(const HelperState& state, Exposition format);
/// Where there is no state: the helper is down, and nothing else is known.
std::string render_metrics_of_absent(Exposition format);

}  // namespace prh::ctl
