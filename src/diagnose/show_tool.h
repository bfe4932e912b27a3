// SPDX-License-Identifier: MIT
// prhelperctl show: who is registered with a disk and who holds it, by path.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool show_tool();

}  // namespace prh::ctl
