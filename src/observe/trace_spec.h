// SPDX-License-Identifier: MIT
// The argument of -T: "[enable=]PATTERN", "events=FILE", "file=FILE", separated by commas (a literal one is
// written twice). Of what is named twice the last counts, as in the existing program; -T itself adds up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "observe/trace.h"

namespace prh {

struct TraceSpec {
    bool help = false;                   ///< "help" or "?": list the events and end
    std::optional<std::string> pattern;  ///< "NAME", "GLOB*", with a leading '-' to switch off
    std::optional<std::string> events_file;
    std::string file;  ///< empty: stderr

    static Result<TraceSpec> parse(std::string_view text);
};

/// Switches the events of `spec` on and off, its pattern before its file. What names nothing is a warning,
/// not an error (`warnings` gets the lines, as they follow the program's name and a colon); an events file
/// that cannot be read is an error.
Status apply(const TraceSpec& spec, Trace& trace, std::vector<std::string>& warnings);

/// One name per line.
std::string trace_event_list();

}  // namespace prh
