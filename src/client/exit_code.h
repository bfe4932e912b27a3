// SPDX-License-Identifier: MIT
// The exit status: the values of sg3_utils(8), so that a script made for sg_persist(8) understands it.
#pragma once

#include "scsi/command_result.h"

namespace prh::ctl {

enum class ExitCode : int {
    Success = 0,
    SyntaxError = 1,
    NotReady = 2,
    MediumOrHardwareError = 3,
    IllegalRequest = 5,
    UnitAttention = 6,
    DataProtect = 7,
    InvalidOperationCode = 9,
    CopyAborted = 10,
    AbortedCommand = 11,
    Miscompare = 14,
    FileError = 15,
    NoSense = 20,
    RecoveredError = 21,
    LogicalBlockAddressOutOfRange = 22,
    ReservationConflict = 24,
    ConditionMet = 25,
    Busy = 26,
    TaskSetFull = 27,
    AcaActive = 28,
    TaskAborted = 29,
    TimedOut = 33,
    False = 36,  ///< the question was answered, and the answer is no
    ProtectionInformation = 40,
    SystemError = 50,  ///< 50 + errno up to 96; 50 itself where errno does not fit
    MalformedAnswer = 97,
    OtherSense = 98,
    Other = 99,
};

ExitCode exit_code_of(const CommandResult& result);
ExitCode exit_code_of_errno(int number);

}  // namespace prh::ctl
