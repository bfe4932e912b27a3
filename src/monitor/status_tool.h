// SPDX-License-Identifier: MIT
// prhelperctl status: what the helper is doing now, once.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool status_tool();

}  // namespace prh::ctl
