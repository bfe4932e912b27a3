// SPDX-License-Identifier: MIT
// REGISTER, REGISTER AND IGNORE EXISTING KEY (SPC-4 5.13.7), unregistering (5.13.11.2.3) and REGISTER AND
// MOVE (5.13.8). Everything is decided before anything changes: all nexuses of a command, or none.
#include <algorithm>
#include <set>

#include "emul/logical_unit.h"

namespace prh {

CommandResult LogicalUnit::register_key(const Nexus& sender, const PrOutParameters& parameters,
                                        bool ignore_existing) {
    // SPC-4 6.16.3: ALL_TG_PT is the same request through each target port. One refusal refuses it all.
    const std::vector<std::uint16_t> ports =
        parameters.all_tg_pt ? traits_.target_ports : std::vector<std::uint16_t>{sender.target_port};
    std::vector<Nexus> nexuses;
    for (const std::uint16_t port : ports) nexuses.push_back({sender.initiator_port, port});

    // SPC-4 5.13.7: a registered nexus gives its key, an unregistered one zero.
    if (!ignore_existing)
        for (const Nexus& nexus : nexuses)
            if (registrations_.key_of(nexus).value_or(ReservationKey{}) != parameters.reservation_key)
                return CommandResult::of(ScsiStatus::ReservationConflict);
    if (parameters.aptpl && !traits_.persists_through_power_loss)
        return CommandResult::check_condition(sense::kInvalidFieldInParameterList);
    // SPC-4 5.13.7: only a nexus that is not yet registered may register others along with itself.
    if (parameters.spec_i_pt && registrations_.contains(sender))
        return CommandResult::check_condition(sense::kInvalidFieldInParameterList);

    if (parameters.service_action_key.is_zero()) {
        const bool any = std::any_of(nexuses.begin(), nexuses.end(),
                                     [&](const Nexus& nexus) { return registrations_.contains(nexus); });
        // SPC-4 5.13.7: "do nothing" leaves PRGENERATION and APTPL alone too.
        if (!any) return CommandResult::good();
        unregister(nexuses, sender);
    } else {
        std::set<Nexus> others;
        for (const TransportId& id : parameters.transport_ids)
            for (const std::uint16_t port : ports) others.insert({canonical(id), port});
        for (const Nexus& nexus : nexuses) others.erase(nexus);  // naming oneself as well is no error
        for (const Nexus& nexus : others)
            if (registrations_.contains(nexus))
                return CommandResult::check_condition(sense::kInvalidFieldInParameterList);
        nexuses.insert(nexuses.end(), others.begin(), others.end());

        const auto more = std::count_if(nexuses.begin(), nexuses.end(),
                                        [&](const Nexus& nexus) { return !registrations_.contains(nexus); });
        if (!has_room_for(static_cast<std::size_t>(more)))
            return CommandResult::check_condition(sense::kInsufficientRegistrationResources);
        for (const Nexus& nexus : nexuses) registrations_.set(nexus, parameters.service_action_key);
    }
    aptpl_ = parameters.aptpl;
    ++generation_;
    return CommandResult::good();
}

CommandResult LogicalUnit::register_and_move(const Nexus& sender,
                                             const RegisterAndMoveParameters& parameters) {
    if (registrations_.key_of(sender) != parameters.reservation_key)
        return CommandResult::of(ScsiStatus::ReservationConflict);
    if (!reservation_) return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    // Nobody can hand on what everybody holds.
    if (is_all_registrants(reservation_->type) || !is_holder(sender))
        return CommandResult::of(ScsiStatus::ReservationConflict);

    const Nexus destination{canonical(parameters.destination), parameters.relative_target_port};
    const auto& ports = traits_.target_ports;
    const bool known_port = std::find(ports.begin(), ports.end(), destination.target_port) != ports.end();
    if (parameters.service_action_key.is_zero() || !known_port || destination == sender ||
        (parameters.aptpl && !traits_.persists_through_power_loss))
        return CommandResult::check_condition(sense::kInvalidFieldInParameterList);
    // With UNREG the sender's registration makes way for the destination's.
    if (!registrations_.contains(destination) && !parameters.unreg && !has_room_for(1))
        return CommandResult::check_condition(sense::kInsufficientRegistrationResources);

    // Moved first and unregistered then, so that nothing is released.
    registrations_.set(destination, parameters.service_action_key);
    reservation_->holder = destination;
    if (parameters.unreg) unregister({sender}, sender);
    aptpl_ = parameters.aptpl;
    ++generation_;
    return CommandResult::good();
}

bool LogicalUnit::has_room_for(std::size_t more) const {
    return more == 0 || registrations_.size() + more <= traits_.maximum_registrations;
}

void LogicalUnit::unregister(const std::vector<Nexus>& leaving, const Nexus& sender) {
    for (const Nexus& nexus : leaving) registrations_.remove(nexus);
    if (!reservation_) return;
    const bool abandoned =
        reservation_->holder ? !registrations_.contains(*reservation_->holder) : registrations_.empty();
    if (!abandoned) return;
    const ReservationType type = reservation_->type;
    reservation_.reset();
    // SPC-4 5.13.11.2.3: only registrants whom the reservation let in have something to be told.
    if (is_registrants_only(type)) attend_others(sender, sense::kReservationsReleased);
}

}  // namespace prh
