// SPDX-License-Identifier: MIT
// Carries a command of the user out: opens the device, talks to the helper, and gathers what came of it.
#pragma once

#include "ctl/arguments.h"
#include "ctl/outcome.h"

namespace prh::ctl {

Outcome run(const Arguments& arguments);

}  // namespace prh::ctl
