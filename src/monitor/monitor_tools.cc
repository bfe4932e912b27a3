// SPDX-License-Identifier: MIT
#include "monitor/monitor_tools.h"

namespace prh::ctl {

std::vector<Tool> monitor_tools() { return {}; }

}  // namespace prh::ctl
