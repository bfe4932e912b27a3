// SPDX-License-Identifier: MIT
// What SG_IO's answer means (pure). Status, sense data and residual of the device pass through as they are; a
// failure of the way to the device becomes sense data, and is never GOOD.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "scsi/command_result.h"

namespace prh {

/// The fields of sg_io_hdr that the kernel fills in (<scsi/sg.h>).
struct SgAnswer {
    std::uint8_t status = 0;
    std::uint16_t host_status = 0;    ///< DID_* of include/scsi/scsi_status.h
    std::uint16_t driver_status = 0;  ///< DRIVER_*; since Linux 5.14 only DRIVER_SENSE (08h)
    std::int32_t residual = 0;        ///< bytes of the buffer that were not transferred
    ConstBytes sense;                 ///< sb_len_wr bytes
};

/// Who spoke: the logical unit, or somebody on the way to it.
enum class SgDelivery {
    Answered,     ///< the result is the logical unit's own
    Unreachable,  ///< the transport failed: the command may have been executed, or not
    TimedOut,     ///< no answer in time, and the kernel aborted it
};

SgDelivery delivery_of(const SgAnswer& answer);
/// The ioctl itself failed.
SgDelivery delivery_of_errno(int code);

/// `buffer_length`: what SG_IO was given for Data-In, 0 for PERSISTENT RESERVE OUT.
CommandResult result_of(const SgAnswer& answer, std::uint32_t buffer_length);
/// The ioctl itself failed.
CommandResult result_of_errno(int code);

}  // namespace prh
