// SPDX-License-Identifier: MIT
#include "device/sg_result.h"

#include <algorithm>
#include <cerrno>

namespace prh {
namespace {

/// DRIVER_* without the suggestion that old kernels put into the high half (SG_ERR_DRIVER_MASK,
/// SG_ERR_SUG_MASK).
unsigned driver_code(const SgAnswer& answer) { return answer.driver_status & 0x0FU; }

/// What the driver itself could not do, the device has not done. DRIVER_SENSE only says that sense data came.
bool driver_failed(const SgAnswer& answer) {
    constexpr unsigned kOk = 0x00;
    constexpr unsigned kSense = 0x08;
    return driver_code(answer) != kOk && driver_code(answer) != kSense;
}

CommandResult check(SenseKey key, std::uint8_t asc, std::uint8_t ascq) {
    return CommandResult::check_condition({key, asc, ascq});
}

/// A host_status other than DID_OK: the command did not reach the device, or its answer did not come back.
CommandResult result_of_host_status(std::uint16_t host_status) {
    switch (host_status) {
        case 0x01: return check(SenseKey::AbortedCommand, 0x05, 0x00);         // DID_NO_CONNECT
        case 0x02: return CommandResult::of(ScsiStatus::Busy);                 // DID_BUS_BUSY
        case 0x03: return check(SenseKey::AbortedCommand, 0x2E, 0x02);         // DID_TIME_OUT
        case 0x04: return check(SenseKey::AbortedCommand, 0x08, 0x00);         // DID_BAD_TARGET
        case 0x05: return check(SenseKey::AbortedCommand, 0x2F, 0x02);         // DID_ABORT
        case 0x08: return check(SenseKey::UnitAttention, 0x29, 0x00);          // DID_RESET
        case 0x0E: return check(SenseKey::AbortedCommand, 0x29, 0x07);         // DID_TRANSPORT_DISRUPTED
        case 0x10: return check(SenseKey::HardwareError, 0x44, 0x00);          // DID_TARGET_FAILURE
        case 0x11: return CommandResult::of(ScsiStatus::ReservationConflict);  // DID_NEXUS_FAILURE
        case 0x12: return check(SenseKey::DataProtect, 0x27, 0x07);            // DID_ALLOC_FAILURE
        case 0x13: return check(SenseKey::MediumError, 0x11, 0x00);            // DID_MEDIUM_ERROR
        default: return CommandResult::check_condition(sense::kCommunicationFailure);
    }
}

/// What the SCSI midlayer makes of some answers of the device (scsi_decide_disposition): it did answer.
bool is_made_of_an_answer(std::uint16_t host_status) {
    return host_status >= 0x10 && host_status <= 0x13;  // DID_TARGET_FAILURE to DID_MEDIUM_ERROR
}

}  // namespace

SgDelivery delivery_of(const SgAnswer& answer) {
    constexpr std::uint16_t kHostTimeOut = 0x03;  // DID_TIME_OUT
    constexpr unsigned kDriverTimeOut = 0x06;     // DRIVER_TIMEOUT
    if (answer.host_status == kHostTimeOut) return SgDelivery::TimedOut;
    if (answer.host_status != 0)
        return is_made_of_an_answer(answer.host_status) ? SgDelivery::Answered : SgDelivery::Unreachable;
    if (driver_code(answer) == kDriverTimeOut) return SgDelivery::TimedOut;
    return driver_failed(answer) ? SgDelivery::Unreachable : SgDelivery::Answered;
}

SgDelivery delivery_of_errno(int code) {
    switch (code) {
        case ETIMEDOUT:
        case ETIME: return SgDelivery::TimedOut;
        case EDOM:
        case EBADE:
        case EREMOTEIO:
        case ENODATA:
        case ENOMEDIUM:
        case ENOSPC: return SgDelivery::Answered;  // the block layer's words for what a device answers
        default: return SgDelivery::Unreachable;
    }
}

CommandResult result_of(const SgAnswer& answer, std::uint32_t buffer_length) {
    if (answer.host_status != 0) return result_of_host_status(answer.host_status);
    if (driver_failed(answer)) return CommandResult::of(ScsiStatus::Busy);

    CommandResult result;
    result.status = static_cast<ScsiStatus>(answer.status);
    result.sense = SenseData::from_device(answer.sense);
    if (result.status == ScsiStatus::CheckCondition && result.sense.empty())
        return CommandResult::check_condition(
            sense::kIoProcessTerminated);  // an initiator cannot act on no sense data
    if (result.status == ScsiStatus::Good) {
        const std::int64_t transferred = std::int64_t{buffer_length} - answer.residual;
        result.data_length =
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(transferred, 0, buffer_length));
    }
    return result;
}

CommandResult result_of_errno(int code) {
    switch (code) {
        case EDOM: return CommandResult::of(ScsiStatus::TaskSetFull);
        case EBADE: return CommandResult::of(ScsiStatus::ReservationConflict);
        case EREMOTEIO:
        case ENODEV:
        case ENOMEM: return check(SenseKey::HardwareError, 0x44, 0x00);
        case ENODATA: return check(SenseKey::MediumError, 0x11, 0x00);
        case ENOMEDIUM: return check(SenseKey::NotReady, 0x3A, 0x00);
        case EINVAL: return check(SenseKey::IllegalRequest, 0x24, 0x00);
        case ENOSPC: return check(SenseKey::DataProtect, 0x27, 0x07);
        default: return CommandResult::check_condition(sense::kIoProcessTerminated);
    }
}

}  // namespace prh
