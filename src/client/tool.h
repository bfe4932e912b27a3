// SPDX-License-Identifier: MIT
// A command of prhelperctl that is no PERSISTENT RESERVE command: it has options of its own and does its work
// itself. The command line makes its help and its parsing of what stands here.
#pragma once

#include <functional>
#include <string_view>

#include "client/common_options.h"
#include "client/exit_code.h"

namespace CLI {
class App;
}

namespace prh::ctl {

struct Tool {
    using Run = std::function<ExitCode(const CommonOptions&)>;

    std::string_view name;
    std::string_view summary;      ///< one line, in the list of commands
    std::string_view explanation;  ///< a paragraph, in its own help
    std::string_view examples;     ///< lines of a shell, without the program's name
    bool asks_control = false;     ///< takes --control
    /// Adds the tool's own options and arguments; what it gives is called once they are parsed.
    std::function<Run(CLI::App&)> define;
};

}  // namespace prh::ctl
