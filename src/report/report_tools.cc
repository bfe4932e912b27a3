// SPDX-License-Identifier: MIT
#include "report/report_tools.h"

#include "report/report_tool.h"

namespace prh::ctl {

std::vector<Tool> report_tools() { return {report_tool()}; }

}  // namespace prh::ctl
