// SPDX-License-Identifier: MIT
// A command of prhelperctl that is no PERSISTENT RESERVE command: it has options of its own and does its work
// itself. It is data: ctl/arguments makes the help and the parser of it, so that one file alone compiles a
// library for command lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "client/common_options.h"
#include "client/exit_code.h"

namespace prh::ctl {

/// A decimal number within limits, both included.
struct NumberTarget {
    double* value;
    double minimum;
    double maximum;
};

/// An option, or an argument that stands by itself.
struct ToolOption {
    std::string_view names;  ///< "-o,--output"; without a dash it is an argument: "DEVICE"
    std::string_view value;  ///< what --help calls the value: "FILE"; empty for a flag or an argument
    std::string help;
    /// Where the value goes: a flag, a text, one or more texts, a number. What it points to lives as long as
    /// the tool's `run`.
    std::variant<bool*, std::string*, std::vector<std::string>*, NumberTarget> target;
    bool required = false;
};

struct Tool {
    using Run = std::function<ExitCode(const CommonOptions&)>;

    std::string_view name;
    std::string_view summary;      ///< one line, in the list of commands
    std::string_view explanation;  ///< a paragraph, in its own help
    std::string_view examples;     ///< lines of a shell, without the program's name
    bool asks_control = false;     ///< takes --control
    std::vector<ToolOption> options;
    Run run;  ///< called once the command line is parsed; owns what `options` point to
};

}  // namespace prh::ctl
