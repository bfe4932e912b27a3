// SPDX-License-Identifier: MIT
// Which requests meet in which state: every service action with every other one.
#pragma once

#include <vector>

#include "multipath/duel.h"

namespace prh::multipath {

inline constexpr std::uint64_t kKeyA = 0x1111, kNewKeyA = 0x1112, kKeyB = 0x2222, kNewKeyB = 0x2223,
                               kKeyC = 0x3333;

/// Two requests of two hosts, reservations of these types.
std::vector<DuelPlan> pairs(const std::vector<std::uint8_t>& types);
/// A request of a host and a plain command of another, a path of the first one away.
std::vector<DuelPlan> with_a_path_away();
/// Two helpers of one host.
std::vector<DuelPlan> of_one_host();
/// The watch of A's paths and a request of another host, or of another helper of this one.
std::vector<DuelPlan> with_the_watch();
/// Requests that take several steps, for faults and deaths.
std::vector<DuelPlan> of_many_steps();

}  // namespace prh::multipath
