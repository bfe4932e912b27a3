// SPDX-License-Identifier: MIT
#include "client/exit_code.h"

namespace prh::ctl {
namespace {

constexpr std::uint8_t kProtectionInformationAsc = 0x10;
constexpr std::uint8_t kAddressOutOfRangeAsc = 0x21;

ExitCode exit_code_of(SenseCode code) {
    switch (code.key) {
        case SenseKey::NoSense: return ExitCode::NoSense;
        case SenseKey::RecoveredError: return ExitCode::RecoveredError;
        case SenseKey::NotReady: return ExitCode::NotReady;
        case SenseKey::MediumError:
        case SenseKey::HardwareError:
        case SenseKey::BlankCheck: return ExitCode::MediumOrHardwareError;
        case SenseKey::IllegalRequest:
            if (code.asc == sense::kInvalidOpcode.asc && code.ascq == sense::kInvalidOpcode.ascq)
                return ExitCode::InvalidOperationCode;
            if (code.asc == kAddressOutOfRangeAsc && code.ascq == 0)
                return ExitCode::LogicalBlockAddressOutOfRange;
            return ExitCode::IllegalRequest;
        case SenseKey::UnitAttention: return ExitCode::UnitAttention;
        case SenseKey::DataProtect: return ExitCode::DataProtect;
        case SenseKey::CopyAborted: return ExitCode::CopyAborted;
        case SenseKey::AbortedCommand:
            return code.asc == kProtectionInformationAsc ? ExitCode::ProtectionInformation
                                                         : ExitCode::AbortedCommand;
        case SenseKey::Miscompare: return ExitCode::Miscompare;
        case SenseKey::VendorSpecific:
        case SenseKey::VolumeOverflow:
        case SenseKey::Completed: return ExitCode::OtherSense;
    }
    return ExitCode::OtherSense;
}

}  // namespace

ExitCode exit_code_of(const CommandResult& result) {
    switch (result.status) {
        case ScsiStatus::Good: return ExitCode::Success;
        case ScsiStatus::CheckCondition: {
            const std::optional<SenseCode> code = result.sense.code();
            return code ? exit_code_of(*code) : ExitCode::OtherSense;
        }
        case ScsiStatus::ConditionMet: return ExitCode::ConditionMet;
        case ScsiStatus::Busy: return ExitCode::Busy;
        case ScsiStatus::ReservationConflict: return ExitCode::ReservationConflict;
        case ScsiStatus::TaskSetFull: return ExitCode::TaskSetFull;
        case ScsiStatus::AcaActive: return ExitCode::AcaActive;
        case ScsiStatus::TaskAborted: return ExitCode::TaskAborted;
    }
    return ExitCode::Other;
}

ExitCode exit_code_of_errno(int number) {
    constexpr int kLargestThatFits = 46;
    const int base = static_cast<int>(ExitCode::SystemError);
    return static_cast<ExitCode>(number > 0 && number <= kLargestThatFits ? base + number : base);
}

}  // namespace prh::ctl
