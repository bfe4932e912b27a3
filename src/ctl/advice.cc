// SPDX-License-Identifier: MIT
#include "ctl/advice.h"

#include "client/exit_code.h"

namespace prh::ctl {
namespace {

/// SPC-4 5.13.7 to 5.13.11: when each service action ends with RESERVATION CONFLICT.
std::string_view conflict_advice(const Verb& verb) {
    const auto* action = std::get_if<PrOutAction>(&verb.action);
    if (action == nullptr) return "another initiator holds a reservation of SPC-2 (RESERVE) on the device";
    switch (*action) {
        case PrOutAction::Register:
            return "--param-rk is not the key that this initiator has registered: without --param-rk, one is "
                   "registered already; 'register-ignore' needs not know it";
        case PrOutAction::RegisterAndIgnoreExistingKey:
            return "another initiator holds a reservation of SPC-2 (RESERVE) on the device";
        case PrOutAction::Reserve:
            return "another initiator holds a reservation, or this one holds one of another type, or "
                   "--param-rk "
                   "is not the key that this initiator has registered; see 'read-reservation' and "
                   "'read-keys'";
        case PrOutAction::Preempt:
        case PrOutAction::PreemptAndAbort:
            return "--param-rk is not the key that this initiator has registered, or nobody has registered "
                   "--param-sark; see 'read-keys'";
        case PrOutAction::RegisterAndMove:
            return "this initiator does not hold the reservation, or --param-rk is not the key that it has "
                   "registered, or the type does not allow a move; see 'read-reservation'";
        case PrOutAction::Release:
        case PrOutAction::Clear:
            return "--param-rk is not the key that this initiator has registered; see 'read-keys'";
    }
    return {};
}

}  // namespace

std::string_view advice(const Verb& verb, const CommandResult& result) {
    if (result.status == ScsiStatus::ReservationConflict) return conflict_advice(verb);
    if (result.status == ScsiStatus::Busy || result.status == ScsiStatus::TaskSetFull)
        return "the device or the helper cannot take the command now: try again";
    const std::optional<SenseCode> code = result.sense.code();
    if (result.status != ScsiStatus::CheckCondition || !code) return {};
    if (*code == sense::kInvalidReleaseOfPersistentReservation)
        return "scope or type are not those of the reservation; see 'read-reservation'";
    if (*code == sense::kIoProcessTerminated)  // what a helper answers for most errors of SG_IO
        return "the helper could not send it: DEVICE is not a SCSI disk, or the helper lacks CAP_SYS_RAWIO, "
               "or "
               "the path to the device fails; see the helper's log";
    switch (exit_code_of(result)) {
        case ExitCode::UnitAttention:
            return "the device reports what happened to it, once, and did not carry the command out: try "
                   "again, or use --retry-unit-attention";
        case ExitCode::InvalidOperationCode:
            return verb.reads()
                       ? "the device has no persistent reservations"
                       : "the device has no persistent reservations, or it was opened for reading only";
        case ExitCode::IllegalRequest:
            return "the device does not support this service action, or one of the options, or is not a SCSI "
                   "disk; see 'report-capabilities'";
        case ExitCode::AbortedCommand:
            return "the command may not have been carried out: look, and try again";
        default: return {};
    }
}

}  // namespace prh::ctl
