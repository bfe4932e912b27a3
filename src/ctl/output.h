// SPDX-License-Identifier: MIT
// Where what is to be said goes: standard output and standard error, in the format that the user asked for.
// Standard output is written whole or the program fails: a script would take half of a list for all of it.
#pragma once

#include <string_view>

#include "ctl/options.h"
#include "ctl/outcome.h"

namespace prh::ctl {

// Each gives the exit status of the program.
ExitCode show(const Outcome& outcome, Format format);
ExitCode show_refusal(const Failure& failure, Format format);  ///< the command line was not understood
ExitCode show_information(std::string_view text);              ///< --help, --version

}  // namespace prh::ctl
