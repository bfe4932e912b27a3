// SPDX-License-Identifier: MIT
#include "diagnose/diagnose_tools.h"

#include "diagnose/validate_tool.h"

namespace prh::ctl {

std::vector<Tool> diagnose_tools() { return {validate_tool()}; }

}  // namespace prh::ctl
