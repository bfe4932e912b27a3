// SPDX-License-Identifier: MIT
#include "diagnose/diagnose_tools.h"

#include "diagnose/doctor_tool.h"
#include "diagnose/show_tool.h"
#include "diagnose/validate_tool.h"

namespace prh::ctl {

std::vector<Tool> diagnose_tools() { return {show_tool(), doctor_tool(), validate_tool()}; }

}  // namespace prh::ctl
