// SPDX-License-Identifier: MIT
// Standard output and standard error. Standard output is written whole or the program fails: a script would
// take half of a list for all of it.
#pragma once

#include <string_view>

#include "client/exit_code.h"
#include "client/failure.h"

namespace prh::ctl {

/// `meant` is the exit status if standard output takes it.
ExitCode print(std::string_view text, ExitCode meant = ExitCode::Success);
/// On standard error, as it is.
void complain(std::string_view text);
/// What went wrong with a tool: "prhelperctl: MESSAGE" on standard error, or with `json` an object with
/// "command", "exit_code" and "error" on standard output.
ExitCode print_failure(std::string_view tool, const Failure& failure, bool json);

}  // namespace prh::ctl
