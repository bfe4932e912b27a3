// SPDX-License-Identifier: MIT
#include "emul/logical_unit.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace prh {
namespace {

constexpr std::uint8_t kLastPrOutAction = static_cast<std::uint8_t>(PrOutAction::RegisterAndMove);

/// The type that the CDB asks for; none if SPC-4 has no such scope or type.
std::optional<ReservationType> type_of(const Cdb& cdb) {
    return cdb.scope() == kLogicalUnitScope ? reservation_type(cdb.type()) : std::nullopt;
}

template <class Data>
CommandResult send(const Data& data, MutableBytes room) {
    return CommandResult::good(static_cast<std::uint32_t>(data.encode(room)));
}

}  // namespace

LogicalUnit::LogicalUnit(LogicalUnitTraits traits, AptplState left)
    : traits_(std::move(traits)),
      registrations_(std::move(left.registrations)),
      reservation_(std::move(left.reservation)),
      aptpl_(left.activated) {
    PRH_CHECK(aptpl_ || registrations_.empty());
    PRH_CHECK(!reservation_ || reservation_->holder.has_value() != is_all_registrants(reservation_->type));
    PRH_CHECK(!reservation_ || (reservation_->holder ? registrations_.contains(*reservation_->holder)
                                                     : !registrations_.empty()));
}

CommandResult LogicalUnit::execute(const Nexus& nexus, const Cdb& cdb, ConstBytes parameter_list,
                                   MutableBytes data_in) {
    const auto& ports = traits_.target_ports;
    PRH_CHECK(std::find(ports.begin(), ports.end(), nexus.target_port) != ports.end());
    // SAM-5 5.14: reported before the command is looked at any further. None of the commands that pass
    // (INQUIRY, REPORT LUNS, REQUEST SENSE) comes this way.
    if (const auto attention = attentions_.take(nexus)) return CommandResult::check_condition(*attention);
    if (cdb.is_persistent_reserve_in()) return report(cdb, data_in);
    if (cdb.is_persistent_reserve_out()) return change(nexus, cdb, parameter_list);
    return CommandResult::check_condition(sense::kInvalidOpcode);
}

CommandResult LogicalUnit::report(const Cdb& cdb, MutableBytes data_in) const {
    const MutableBytes room = data_in.first(std::min<std::size_t>(data_in.size(), cdb.allocation_length()));
    switch (static_cast<PrInAction>(cdb.service_action())) {
        case PrInAction::ReadKeys: return send(keys(), room);
        case PrInAction::ReadReservation: return send(held(), room);
        case PrInAction::ReportCapabilities: return send(capabilities(), room);
        case PrInAction::ReadFullStatus: return send(full_status(), room);
    }
    return CommandResult::check_condition(sense::kInvalidFieldInCdb);
}

CommandResult LogicalUnit::change(const Nexus& sender, const Cdb& cdb, ConstBytes parameter_list) {
    if (cdb.service_action() > kLastPrOutAction)
        return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    // The socket protocol carries the low half of the length only; a CDB that promises more than came is
    // not executed on half a list.
    if (cdb.parameter_list_length() != parameter_list.size())
        return CommandResult::check_condition(sense::kParameterListLengthError);

    const auto action = static_cast<PrOutAction>(cdb.service_action());
    if (action == PrOutAction::RegisterAndMove) {
        const auto parameters = RegisterAndMoveParameters::parse(parameter_list);
        if (!parameters) return CommandResult::check_condition(parameters.error());
        return register_and_move(sender, *parameters);
    }
    const auto parameters = PrOutParameters::parse(parameter_list, action);
    if (!parameters) return CommandResult::check_condition(parameters.error());
    if (action == PrOutAction::Register) return register_key(sender, *parameters, false);
    if (action == PrOutAction::RegisterAndIgnoreExistingKey) return register_key(sender, *parameters, true);

    // SPC-4 6.16.3: the key is verified whatever the service action and the scope are, so an unregistered
    // nexus learns nothing else.
    if (registrations_.key_of(sender) != parameters->reservation_key)
        return CommandResult::of(ScsiStatus::ReservationConflict);
    switch (action) {
        case PrOutAction::Reserve: return reserve(sender, type_of(cdb));
        case PrOutAction::Release: return release(sender, type_of(cdb));
        case PrOutAction::Clear: return clear(sender);
        default: return preempt(sender, type_of(cdb), parameters->service_action_key);
    }
}

ReadKeysData LogicalUnit::keys() const {
    ReadKeysData data;
    data.generation = generation_;
    for (const Registration& registration : registrations_.list()) data.keys.push_back(registration.key);
    return data;
}

ReadReservationData LogicalUnit::held() const {
    ReadReservationData data;
    data.generation = generation_;
    if (!reservation_) return data;
    // SPC-4 6.15.3: the key of an all-registrants reservation is reported as zero.
    const auto key = reservation_->holder ? registrations_.key_of(*reservation_->holder) : ReservationKey{};
    data.held = {*key, kLogicalUnitScope, static_cast<std::uint8_t>(reservation_->type)};
    return data;
}

ReportCapabilitiesData LogicalUnit::capabilities() const {
    ReportCapabilitiesData data;
    data.specify_initiator_ports = true;
    data.all_target_ports = true;
    data.persist_through_power_loss = traits_.persists_through_power_loss;
    data.persist_activated = aptpl_;
    data.type_mask_valid = true;
    for (const ReservationType type : kReservationTypes) data.set_supported(type);
    return data;
}

ReadFullStatusData LogicalUnit::full_status() const {
    ReadFullStatusData data;
    data.generation = generation_;
    for (const Registration& registration : registrations_.list()) {
        // ALL_TG_PT stays zero: SPC-4 6.15.5 lets a device server describe every nexus by itself.
        FullStatusDescriptor descriptor;
        descriptor.key = registration.key;
        descriptor.relative_target_port = registration.nexus.target_port;
        descriptor.transport_id = registration.nexus.initiator_port;
        descriptor.holder = is_holder(registration.nexus);
        if (descriptor.holder) descriptor.type = static_cast<std::uint8_t>(reservation_->type);
        data.descriptors.push_back(std::move(descriptor));
    }
    return data;
}

bool LogicalUnit::is_holder(const Nexus& nexus) const {
    if (!reservation_) return false;
    return reservation_->holder ? *reservation_->holder == nexus : registrations_.contains(nexus);
}

bool LogicalUnit::allows_read(const Nexus& nexus) const {
    if (!reservation_) return true;
    switch (reservation_->type) {
        case ReservationType::WriteExclusive:
        case ReservationType::WriteExclusiveRegistrantsOnly:
        case ReservationType::WriteExclusiveAllRegistrants: return true;
        default: return allows_write(nexus);
    }
}

bool LogicalUnit::allows_write(const Nexus& nexus) const {
    if (!reservation_ || is_holder(nexus)) return true;
    return is_registrants_only(reservation_->type) && registrations_.contains(nexus);
}

AptplState LogicalUnit::left_by_power_loss() const {
    if (!aptpl_ || registrations_.empty()) return {};
    return {true, registrations_.list(), reservation_};
}

void LogicalUnit::attend_others(const Nexus& sender, SenseCode code) {
    for (const Registration& registration : registrations_.list())
        if (registration.nexus != sender) attentions_.establish(registration.nexus, code);
}

void LogicalUnit::attend(const std::vector<Nexus>& nexuses, const Nexus& except, SenseCode code) {
    for (const Nexus& nexus : nexuses)
        if (nexus != except) attentions_.establish(nexus, code);
}

}  // namespace prh
