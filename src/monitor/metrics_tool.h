// SPDX-License-Identifier: MIT
// prhelperctl metrics: for Prometheus, to standard output or into a file.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool metrics_tool();

}  // namespace prh::ctl
