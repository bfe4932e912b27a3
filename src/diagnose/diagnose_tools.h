// SPDX-License-Identifier: MIT
// The commands that look at one disk: who holds it, what is wrong with it, and whether it can do what
// clusters need.
#pragma once

#include <vector>

#include "client/tool.h"

namespace prh::ctl {

std::vector<Tool> diagnose_tools();

}  // namespace prh::ctl
