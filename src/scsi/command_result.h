// SPDX-License-Identifier: MIT
// What came of a command: a SCSI outcome is a value, never an exception and never an Error.
#pragma once

#include <cstdint>

#include "scsi/sense.h"
#include "scsi/status.h"

namespace prh {

struct CommandResult {
    ScsiStatus status = ScsiStatus::Good;
    std::uint32_t data_length =
        0;            ///< bytes of Data-In that are valid; 0 unless PERSISTENT RESERVE IN ended GOOD
    SenseData sense;  ///< empty unless the device, or we, said something

    static CommandResult good(std::uint32_t data_length = 0) { return {ScsiStatus::Good, data_length, {}}; }
    static CommandResult of(ScsiStatus status) { return {status, 0, {}}; }
    static CommandResult check_condition(SenseCode code) {
        return {ScsiStatus::CheckCondition, 0, SenseData::fixed(code)};
    }
};

}  // namespace prh
