// SPDX-License-Identifier: MIT
#include "scsi/names.h"

#include <fmt/format.h>

namespace prh {
namespace {

struct AdditionalSense {
    std::uint8_t asc;
    std::uint8_t ascq;
    std::string_view words;
};

// SPC-4 annex F.2: what a device that serves persistent reservations, or a path to it, is seen to answer.
constexpr AdditionalSense kAdditionalSense[] = {
    {0x00, 0x00, "NO ADDITIONAL SENSE INFORMATION"},
    {0x00, 0x06, "I/O PROCESS TERMINATED"},
    {0x04, 0x00, "LOGICAL UNIT NOT READY, CAUSE NOT REPORTABLE"},
    {0x04, 0x01, "LOGICAL UNIT IS IN PROCESS OF BECOMING READY"},
    {0x04, 0x02, "LOGICAL UNIT NOT READY, INITIALIZING COMMAND REQUIRED"},
    {0x04, 0x03, "LOGICAL UNIT NOT READY, MANUAL INTERVENTION REQUIRED"},
    {0x04, 0x07, "LOGICAL UNIT NOT READY, OPERATION IN PROGRESS"},
    {0x04, 0x0A, "LOGICAL UNIT NOT ACCESSIBLE, ASYMMETRIC ACCESS STATE TRANSITION"},
    {0x04, 0x0B, "LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN STANDBY STATE"},
    {0x04, 0x0C, "LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN UNAVAILABLE STATE"},
    {0x05, 0x00, "LOGICAL UNIT DOES NOT RESPOND TO SELECTION"},
    {0x08, 0x00, "LOGICAL UNIT COMMUNICATION FAILURE"},
    {0x08, 0x01, "LOGICAL UNIT COMMUNICATION TIME-OUT"},
    {0x11, 0x00, "UNRECOVERED READ ERROR"},
    {0x1A, 0x00, "PARAMETER LIST LENGTH ERROR"},
    {0x20, 0x00, "INVALID COMMAND OPERATION CODE"},
    {0x20, 0x02, "ACCESS DENIED - NO ACCESS RIGHTS"},
    {0x21, 0x00, "LOGICAL BLOCK ADDRESS OUT OF RANGE"},
    {0x24, 0x00, "INVALID FIELD IN CDB"},
    {0x25, 0x00, "LOGICAL UNIT NOT SUPPORTED"},
    {0x26, 0x00, "INVALID FIELD IN PARAMETER LIST"},
    {0x26, 0x02, "PARAMETER VALUE INVALID"},
    {0x26, 0x04, "INVALID RELEASE OF PERSISTENT RESERVATION"},
    {0x27, 0x00, "WRITE PROTECTED"},
    {0x27, 0x07, "SPACE ALLOCATION FAILED WRITE PROTECT"},
    {0x29, 0x00, "POWER ON, RESET, OR BUS DEVICE RESET OCCURRED"},
    {0x29, 0x01, "POWER ON OCCURRED"},
    {0x29, 0x02, "SCSI BUS RESET OCCURRED"},
    {0x29, 0x03, "BUS DEVICE RESET FUNCTION OCCURRED"},
    {0x29, 0x04, "DEVICE INTERNAL RESET"},
    {0x29, 0x07, "I_T NEXUS LOSS OCCURRED"},
    {0x2A, 0x01, "MODE PARAMETERS CHANGED"},
    {0x2A, 0x03, "RESERVATIONS PREEMPTED"},
    {0x2A, 0x04, "RESERVATIONS RELEASED"},
    {0x2A, 0x05, "REGISTRATIONS PREEMPTED"},
    {0x2A, 0x06, "ASYMMETRIC ACCESS STATE CHANGED"},
    {0x2A, 0x09, "CAPACITY DATA HAS CHANGED"},
    {0x2E, 0x02, "COMMAND TIMEOUT DURING PROCESSING"},
    {0x2F, 0x00, "COMMANDS CLEARED BY ANOTHER INITIATOR"},
    {0x2F, 0x02, "COMMANDS CLEARED BY DEVICE SERVER"},
    {0x3A, 0x00, "MEDIUM NOT PRESENT"},
    {0x3F, 0x0E, "REPORTED LUNS DATA HAS CHANGED"},
    {0x44, 0x00, "INTERNAL TARGET FAILURE"},
    {0x47, 0x00, "SCSI PARITY ERROR"},
    {0x55, 0x03, "INSUFFICIENT RESOURCES"},
    {0x55, 0x04, "INSUFFICIENT REGISTRATION RESOURCES"},
};

}  // namespace

std::string_view name(PrInAction action) {
    switch (action) {
        case PrInAction::ReadKeys: return "READ KEYS";
        case PrInAction::ReadReservation: return "READ RESERVATION";
        case PrInAction::ReportCapabilities: return "REPORT CAPABILITIES";
        case PrInAction::ReadFullStatus: return "READ FULL STATUS";
    }
    return "?";
}

std::string_view name(PrOutAction action) {
    switch (action) {
        case PrOutAction::Register: return "REGISTER";
        case PrOutAction::Reserve: return "RESERVE";
        case PrOutAction::Release: return "RELEASE";
        case PrOutAction::Clear: return "CLEAR";
        case PrOutAction::Preempt: return "PREEMPT";
        case PrOutAction::PreemptAndAbort: return "PREEMPT AND ABORT";
        case PrOutAction::RegisterAndIgnoreExistingKey: return "REGISTER AND IGNORE EXISTING KEY";
        case PrOutAction::RegisterAndMove: return "REGISTER AND MOVE";
    }
    return "?";
}

std::string_view name(ReservationType type) {
    switch (type) {
        case ReservationType::WriteExclusive: return "Write Exclusive";
        case ReservationType::ExclusiveAccess: return "Exclusive Access";
        case ReservationType::WriteExclusiveRegistrantsOnly: return "Write Exclusive, registrants only";
        case ReservationType::ExclusiveAccessRegistrantsOnly: return "Exclusive Access, registrants only";
        case ReservationType::WriteExclusiveAllRegistrants: return "Write Exclusive, all registrants";
        case ReservationType::ExclusiveAccessAllRegistrants: return "Exclusive Access, all registrants";
    }
    return "?";
}

std::string_view name(ScsiStatus status) {
    switch (status) {
        case ScsiStatus::Good: return "GOOD";
        case ScsiStatus::CheckCondition: return "CHECK CONDITION";
        case ScsiStatus::ConditionMet: return "CONDITION MET";
        case ScsiStatus::Busy: return "BUSY";
        case ScsiStatus::ReservationConflict: return "RESERVATION CONFLICT";
        case ScsiStatus::TaskSetFull: return "TASK SET FULL";
        case ScsiStatus::AcaActive: return "ACA ACTIVE";
        case ScsiStatus::TaskAborted: return "TASK ABORTED";
    }
    return "?";
}

std::string_view name(SenseKey key) {
    switch (key) {
        case SenseKey::NoSense: return "NO SENSE";
        case SenseKey::RecoveredError: return "RECOVERED ERROR";
        case SenseKey::NotReady: return "NOT READY";
        case SenseKey::MediumError: return "MEDIUM ERROR";
        case SenseKey::HardwareError: return "HARDWARE ERROR";
        case SenseKey::IllegalRequest: return "ILLEGAL REQUEST";
        case SenseKey::UnitAttention: return "UNIT ATTENTION";
        case SenseKey::DataProtect: return "DATA PROTECT";
        case SenseKey::BlankCheck: return "BLANK CHECK";
        case SenseKey::VendorSpecific: return "VENDOR SPECIFIC";
        case SenseKey::CopyAborted: return "COPY ABORTED";
        case SenseKey::AbortedCommand: return "ABORTED COMMAND";
        case SenseKey::VolumeOverflow: return "VOLUME OVERFLOW";
        case SenseKey::Miscompare: return "MISCOMPARE";
        case SenseKey::Completed: return "COMPLETED";
    }
    return "?";
}

std::string_view additional_sense_name(std::uint8_t asc, std::uint8_t ascq) {
    for (const AdditionalSense& entry : kAdditionalSense)
        if (entry.asc == asc && entry.ascq == ascq) return entry.words;
    return {};
}

std::string to_string(ReservationKey key) { return fmt::format("{:#x}", key.value); }

std::string to_string(SenseCode code) {
    const std::string_view words = additional_sense_name(code.asc, code.ascq);
    return fmt::format("{}{}{} ({:x}/{:02x}/{:02x})", name(code.key), words.empty() ? "" : ", ", words,
                       static_cast<unsigned>(code.key), code.asc, code.ascq);
}

std::string_view name_of_action(const Cdb& cdb) {
    if (cdb.is_persistent_reserve_in()) return name(static_cast<PrInAction>(cdb.service_action()));
    if (cdb.is_persistent_reserve_out()) return name(static_cast<PrOutAction>(cdb.service_action()));
    if (cdb.is_clean_up()) return "CLEAN-UP";
    return "?";
}

std::string to_string(const Cdb& cdb) {
    if (cdb.is_persistent_reserve_in())
        return fmt::format("PERSISTENT RESERVE IN, {} ({:#04x}), allocation length {}", name_of_action(cdb),
                           cdb.service_action(), cdb.allocation_length());
    if (cdb.is_persistent_reserve_out()) {
        const auto type = reservation_type(cdb.type());
        return fmt::format("PERSISTENT RESERVE OUT, {} ({:#04x}), scope {}, type {}{}{}{}, {} bytes",
                           name(static_cast<PrOutAction>(cdb.service_action())), cdb.service_action(),
                           cdb.scope(), cdb.type(), type ? " (" : "", type ? name(*type) : "",
                           type ? ")" : "", cdb.parameter_list_length());
    }
    if (cdb.is_clean_up()) return "CLEAN-UP after a live migration";
    return fmt::format("operation code {:#04x}", cdb.opcode());
}

std::string to_string(const CommandResult& result) {
    std::string text(name(result.status));
    if (text == "?") text = fmt::format("status {:#04x}", static_cast<unsigned>(result.status));
    if (const auto code = result.sense.code()) text += ": " + to_string(*code);
    return text;
}

}  // namespace prh
