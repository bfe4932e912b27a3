// SPDX-License-Identifier: MIT
// prhelperctl doctor: what is wrong with a helper or with a disk, and how to fix it.
#pragma once

#include "client/tool.h"

namespace prh::ctl {

Tool doctor_tool();

}  // namespace prh::ctl
