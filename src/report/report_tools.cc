// SPDX-License-Identifier: MIT
#include "report/report_tools.h"

namespace prh::ctl {

std::vector<Tool> report_tools() { return {}; }

}  // namespace prh::ctl
