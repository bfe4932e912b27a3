// SPDX-License-Identifier: MIT
// --verbose: what is sent, as it is sent, on standard error.
#pragma once

#include "base/bytes.h"
#include "scsi/cdb.h"

namespace prh::ctl {

void print_sent(const Cdb& cdb, ConstBytes parameter_list);

}  // namespace prh::ctl
