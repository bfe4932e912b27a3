// SPDX-License-Identifier: MIT
#include "diagnose/diagnose_tools.h"

namespace prh::ctl {

std::vector<Tool> diagnose_tools() { return {}; }

}  // namespace prh::ctl
