// SPDX-License-Identifier: MIT
// prhelperctl events: every command as it is answered, line by line.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool events_tool();

}  // namespace prh::ctl
