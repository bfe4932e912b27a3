// SPDX-License-Identifier: MIT
// One command through SG_IO (<scsi/sg.h>), and what came of it.
#pragma once

#include <chrono>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "device/sg_result.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh {

struct SgCommand {
    Cdb cdb;                    ///< PERSISTENT RESERVE IN or OUT, TEST UNIT READY (all zero), INQUIRY
    ConstBytes parameter_list;  ///< sent to the device, except with PERSISTENT RESERVE IN
    MutableBytes data_in;       ///< filled by PERSISTENT RESERVE IN
};

struct SgOutcome {
    SgDelivery delivery = SgDelivery::Answered;
    CommandResult result;
};

/// Blocks while the device works. `timeout`: after which the kernel aborts the command; block devices get at
/// least 7 s (BLK_MIN_SG_TIMEOUT), and recovery from an abort may take longer than both.
SgOutcome send_sg_io(FdRef device, const SgCommand& command, std::chrono::milliseconds timeout);

}  // namespace prh
