// SPDX-License-Identifier: MIT
// SCSI status codes (SAM-5 table 41).
#pragma once

#include <cstdint>

namespace prh {

/// A device may send a code that is not named here; it is passed on as it came.
enum class ScsiStatus : std::uint8_t {
    Good = 0x00,
    CheckCondition = 0x02,
    ConditionMet = 0x04,
    Busy = 0x08,
    ReservationConflict = 0x18,
    TaskSetFull = 0x28,
    AcaActive = 0x30,
    TaskAborted = 0x40,
};

}  // namespace prh
