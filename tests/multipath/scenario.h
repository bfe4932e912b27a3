// SPDX-License-Identifier: MIT
// What a guest is in the middle of when something goes wrong: a state, and the command that meets it. Every
// service action is among them, most in the states that need more than one path's worth of care.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "multipath/world.h"

namespace prh::multipath {

struct Scenario {
    std::string name;
    GuestCommand command;
    std::function<void(World&)> prepare;
    /// What the guest sends if the command failed; none: the same again.
    std::optional<GuestCommand> otherwise = std::nullopt;

    friend void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }
};

std::vector<Scenario> every_scenario();
inline std::string scenario_name(const testing::TestParamInfo<Scenario>& info) { return info.param.name; }

/// The settings in which each of them is played: not all combinations, for the sake of time.
std::vector<Setting> settings_of_scenarios();

}  // namespace prh::multipath
