// SPDX-License-Identifier: MIT
// prhelperctl serve: the metrics and a live page over HTTP.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool serve_tool();

}  // namespace prh::ctl
