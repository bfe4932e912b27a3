// SPDX-License-Identifier: MIT
// prhelperctl validate: whether a disk can do what clusters need.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool validate_tool();

}  // namespace prh::ctl
