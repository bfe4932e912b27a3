// SPDX-License-Identifier: MIT
// The commands of prhelperctl beside the verbs of sg_persist(8).
#pragma once

#include <vector>

#include "client/tool.h"

namespace prh::ctl {

/// In the order in which the help lists them.
std::vector<Tool> tools();

}  // namespace prh::ctl
