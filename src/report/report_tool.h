// SPDX-License-Identifier: MIT
// prhelperctl report: a page of what an audit tells.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool report_tool();

}  // namespace prh::ctl
