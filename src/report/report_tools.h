// SPDX-License-Identifier: MIT
// The command that makes a page of an audit file.
#pragma once

#include <vector>

#include "client/tool.h"

namespace prh::ctl {

std::vector<Tool> report_tools();

}  // namespace prh::ctl
