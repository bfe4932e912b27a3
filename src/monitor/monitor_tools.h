// SPDX-License-Identifier: MIT
// The commands that ask a running helper through its control socket: what it does, has done, and is doing
// now.
#pragma once

#include <vector>

#include "client/tool.h"

namespace prh::ctl {

std::vector<Tool> monitor_tools();

}  // namespace prh::ctl
