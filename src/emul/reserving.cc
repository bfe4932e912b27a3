// SPDX-License-Identifier: MIT
// RESERVE (SPC-4 5.13.9) and RELEASE (5.13.11.2.2), of a sender whose key is verified. Neither touches
// PRGENERATION (6.15.2).
#include "emul/logical_unit.h"

namespace prh {

CommandResult LogicalUnit::reserve(const Nexus& sender, std::optional<ReservationType> type) {
    if (!type) return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    if (!reservation_) {
        reservation_ = PersistentReservation{
            *type, is_all_registrants(*type) ? std::nullopt : std::optional<Nexus>(sender)};
        return CommandResult::good();
    }
    // A holder may ask again for what it has; another type is had by RELEASE or PREEMPT only.
    const bool again = is_holder(sender) && reservation_->type == *type;
    return again ? CommandResult::good() : CommandResult::of(ScsiStatus::ReservationConflict);
}

CommandResult LogicalUnit::release(const Nexus& sender, std::optional<ReservationType> type) {
    if (!type) return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    // Nothing to release is no error, and neither is a registrant that holds nothing.
    if (!is_holder(sender)) return CommandResult::good();
    if (reservation_->type != *type)
        return CommandResult::check_condition(sense::kInvalidReleaseOfPersistentReservation);
    reservation_.reset();
    if (is_registrants_only(*type) || is_all_registrants(*type))
        attend_others(sender, sense::kReservationsReleased);
    return CommandResult::good();
}

}  // namespace prh
