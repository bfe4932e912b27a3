// SPDX-License-Identifier: MIT
// prhelperctl watch: what the helper and its disks are doing, in a terminal, anew every second.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool watch_tool();

}  // namespace prh::ctl
