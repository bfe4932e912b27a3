// SPDX-License-Identifier: MIT
// What multipathd says of one map, as values: its configuration ("show config local") and what it does with
// I/O while no path is left ("show map X json"). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prh::ctl {

/// The value of `name` that multipathd goes by for the map of this WWID: that of its own section, else that
/// of the defaults. Nothing where neither has it.
std::optional<std::string> configured_for_map(std::string_view config, std::string_view wwid,
                                              std::string_view name);

struct MapState {
    std::string queueing;  ///< "on": for ever; "off" or "-": not at all; "12 chk", "55 sec": for that long
    std::string features;
};
/// Nothing where the text is no answer to that.
std::optional<MapState> parse_map_state(std::string_view json);

}  // namespace prh::ctl
