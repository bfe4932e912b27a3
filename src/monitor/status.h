// SPDX-License-Identifier: MIT
// What a helper is doing, as a few tables that fit on a screen. Pure.
#pragma once

#include <string>

#include "client/state.h"

namespace prh::ctl {

/// Those whose being non-zero is worth a look, in the order in which they are shown.
std::string alarming_counters(const HelperState& state);
/// Who is connected: processes, with how many connections and what they wait for.
std::string clients_table(const HelperState& state);
std::string in_flight_table(const HelperState& state);
std::string helper_line(const HelperState& state);

std::string render_status(const HelperState& state);

}  // namespace prh::ctl
