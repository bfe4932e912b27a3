// SPDX-License-Identifier: MIT
// An outcome for programs: one JSON object, whose fields prhelperctl(1) documents and which stay.
#pragma once

#include <string>

#include "ctl/outcome.h"

namespace prh::ctl {

std::string render_json(const Outcome& outcome);

}  // namespace prh::ctl
