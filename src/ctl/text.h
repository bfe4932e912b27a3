// SPDX-License-Identifier: MIT
// An outcome for people: the answer, and apart from it what went wrong.
#pragma once

#include <string>

#include "base/bytes.h"
#include "ctl/outcome.h"

namespace prh::ctl {

std::string render_answer(const Outcome& outcome);   ///< for standard output; empty if there is none
std::string render_problem(const Outcome& outcome);  ///< for standard error; empty if there is none
/// Sixteen bytes a line, after their offset, as sg_persist --hex has them.
std::string render_hex(ConstBytes data);

}  // namespace prh::ctl
