// SPDX-License-Identifier: MIT
// PREEMPT, PREEMPT AND ABORT (SPC-4 5.13.11.2.4 to .6) and CLEAR (5.13.11.2.7), of a sender whose key is
// verified. PREEMPT AND ABORT is PREEMPT here: a logical unit without medium has no commands to abort.
#include <algorithm>

#include "emul/logical_unit.h"

namespace prh {

CommandResult LogicalUnit::clear(const Nexus& sender) {
    attend_others(sender, sense::kReservationsPreempted);
    registrations_.clear();
    reservation_.reset();
    ++generation_;
    return CommandResult::good();
}

CommandResult LogicalUnit::preempt(const Nexus& sender, std::optional<ReservationType> type,
                                   ReservationKey victim) {
    // SPC-4 5.13.11.2.4: what is preempted follows from the key. Zero stands for "all registrants", and for
    // nobody where the reservation is of another kind.
    const bool of_all = reservation_ && is_all_registrants(reservation_->type);
    if (victim.is_zero() && !of_all)
        return CommandResult::check_condition(sense::kInvalidFieldInParameterList);
    const bool of_holder =
        reservation_ && (of_all ? victim.is_zero() : registrations_.key_of(*reservation_->holder) == victim);
    // Scope and type are ignored where only registrations go (5.13.11.2.5), so they are looked at here.
    if (!of_holder) return remove_registrations(sender, victim);
    if (!type) return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    return preempt_reservation(sender, *type, victim);
}

CommandResult LogicalUnit::preempt_reservation(const Nexus& sender, ReservationType type,
                                               ReservationKey victim) {
    std::vector<Nexus> leaving;  // never the sender, even if the key is its own
    for (const Registration& registration : registrations_.list())
        if (registration.nexus != sender && (victim.is_zero() || registration.key == victim))
            leaving.push_back(registration.nexus);

    const bool changed = reservation_->type != type;
    for (const Nexus& nexus : leaving) registrations_.remove(nexus);
    reservation_ =
        PersistentReservation{type, is_all_registrants(type) ? std::nullopt : std::optional<Nexus>(sender)};
    attend(leaving, sender, sense::kRegistrationsPreempted);
    if (changed) attend_others(sender, sense::kReservationsReleased);
    ++generation_;
    return CommandResult::good();
}

CommandResult LogicalUnit::remove_registrations(const Nexus& sender, ReservationKey victim) {
    std::vector<Nexus> leaving;  // the sender too, if the key is its own
    for (const Registration& registration : registrations_.list())
        if (registration.key == victim) leaving.push_back(registration.nexus);
    if (leaving.empty()) return CommandResult::of(ScsiStatus::ReservationConflict);

    unregister(leaving, sender);
    attend(leaving, sender, sense::kRegistrationsPreempted);
    ++generation_;
    return CommandResult::good();
}

}  // namespace prh
