// SPDX-License-Identifier: MIT
// A record of the audit stream as one line for a person. Pure.
#pragma once

#include <string>
#include <string_view>

namespace prh::ctl {

/// "2026-01-31 12:00:00.000000Z  VM db1 (pid 7)  PREEMPT on mpatha (naa.…)  key 0xa, action key 0xb: GOOD,
/// 0.8 ms". A record that is not understood is shown as it is, printable.
std::string event_line(std::string_view record);

}  // namespace prh::ctl
