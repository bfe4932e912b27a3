// SPDX-License-Identifier: MIT
#include "multipath/simulated_lun.h"

#include <algorithm>
#include <utility>

#include "unit/emul_hosts.h"

namespace prh::multipath {
namespace {

constexpr std::uint8_t kAllTgPt = 0x04;
constexpr std::size_t kFlags = 20;  ///< byte of the basic parameter list
constexpr std::size_t kFullStatusHeader = 8;
constexpr std::size_t kFullStatusDescriptor = 24;

const Cdb kProbe = Cdb::persistent_reserve_in(PrInAction::ReadKeys, 0);

LogicalUnitTraits traits(std::vector<std::uint16_t> target_ports) {
    LogicalUnitTraits traits;
    traits.target_ports = std::move(target_ports);
    traits.persists_through_power_loss = true;
    return traits;
}

CommandResult conflict() { return CommandResult::of(ScsiStatus::ReservationConflict); }

}  // namespace

SimulatedLun::SimulatedLun(Dialect dialect, std::vector<std::uint16_t> target_ports)
    : dialect_(dialect), unit_(traits(std::move(target_ports))) {}

CommandResult SimulatedLun::execute(const Nexus& nexus, const Cdb& cdb, ConstBytes list,
                                    MutableBytes data_in) {
    const CommandResult probe = unit_.execute(nexus, kProbe, {}, {});
    if (probe.status != ScsiStatus::Good) return probe;
    if (cdb == Cdb()) return CommandResult::good();  // TEST UNIT READY passes every reservation
    if (spc2_holder_ && *spc2_holder_ != nexus) return conflict();
    if (dialect_ == Dialect::kSpc) return unit_.execute(nexus, cdb, list, data_in);
    const CommandResult result = as_lio(nexus, cdb, list, data_in);
    std::erase_if(all_tg_pt_, [&](const Nexus& one) { return !unit_.registrations().contains(one); });
    return result;
}

CommandResult SimulatedLun::as_lio(const Nexus& nexus, const Cdb& cdb, ConstBytes list,
                                   MutableBytes data_in) {
    if (cdb.is_persistent_reserve_in()) return reports_as_lio(nexus, cdb, data_in);
    if (const auto refused = refused_by_lio(nexus, cdb, list)) return *refused;
    const auto action = static_cast<PrOutAction>(cdb.service_action());
    if (action == PrOutAction::Register || action == PrOutAction::RegisterAndIgnoreExistingKey)
        return registers_as_lio(nexus, cdb, list);
    // A registered nexus that holds nothing may give any key.
    const bool whole = list.size() == PrOutParameters::kBasicLength;
    if (action == PrOutAction::Release && whole && !unit_.is_holder(nexus)) return CommandResult::good();
    const CommandResult result = unit_.execute(nexus, cdb, list, data_in);
    const bool invalid_release = result.sense.code() == sense::kInvalidReleaseOfPersistentReservation;
    return invalid_release ? conflict() : result;
}

std::optional<CommandResult> SimulatedLun::refused_by_lio(const Nexus& nexus, const Cdb& cdb,
                                                          ConstBytes list) const {
    if (cdb.service_action() > 7 || list.size() < PrOutParameters::kBasicLength) return std::nullopt;
    const auto action = static_cast<PrOutAction>(cdb.service_action());
    if (action == PrOutAction::Register || action == PrOutAction::RegisterAndIgnoreExistingKey)
        return std::nullopt;
    if (action != PrOutAction::RegisterAndMove && list.size() != PrOutParameters::kBasicLength)
        return std::nullopt;
    const bool registered = unit_.registrations().contains(nexus);
    const bool preempts = action == PrOutAction::Preempt || action == PrOutAction::PreemptAndAbort;
    if (!registered && (unit_.reservation() || preempts)) return conflict();
    const bool has_type = preempts || action == PrOutAction::Reserve || action == PrOutAction::Release;
    if (has_type && !reservation_type(cdb.type()))
        return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    if (!registered) return CommandResult::check_condition(kLunCommunicationFailure);
    const ReservationKey key{load_be<std::uint64_t>(list.data())};
    if (action == PrOutAction::Release) {
        const bool other_scope = cdb.scope() != kLogicalUnitScope;
        if (unit_.is_holder(nexus) && other_scope) return conflict();
        return std::nullopt;
    }
    if (unit_.registrations().key_of(nexus) != key) return conflict();
    if (has_type && cdb.scope() != kLogicalUnitScope)
        return CommandResult::check_condition(sense::kInvalidFieldInParameterList);
    return std::nullopt;
}

CommandResult SimulatedLun::registers_as_lio(const Nexus& nexus, const Cdb& cdb, ConstBytes list) {
    const auto action = static_cast<PrOutAction>(cdb.service_action());
    const auto parameters = PrOutParameters::parse(list, action);
    if (!parameters || cdb.parameter_list_length() != list.size()) return unit_.execute(nexus, cdb, list, {});
    for (const TransportId& id : parameters->transport_ids)
        if (!known_.contains(canonical(id)))
            return CommandResult::check_condition(sense::kInvalidFieldInParameterList);
    // Without lists of who may log in, a port of LIO knows of no other: ALL_TG_PT is about the sender alone.
    std::vector<std::uint8_t> own(list.begin(), list.end());
    own[kFlags] &= static_cast<std::uint8_t>(~kAllTgPt);
    const auto key = unit_.registrations().key_of(nexus);
    const bool right_key = action != PrOutAction::Register || key == parameters->reservation_key;
    if (key && right_key && !parameters->all_tg_pt && all_tg_pt_.contains(nexus))
        return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    const CommandResult result = unit_.execute(nexus, cdb, own, {});
    if (result.status != ScsiStatus::Good) return result;
    if (!key && parameters->all_tg_pt) all_tg_pt_.insert(nexus);
    return has_aptpl_directory_ ? result : CommandResult::check_condition(kLunCommunicationFailure);
}

CommandResult SimulatedLun::reports_as_lio(const Nexus& nexus, const Cdb& cdb, MutableBytes data_in) {
    const auto action = static_cast<PrInAction>(cdb.service_action());
    const unsigned least = action == PrInAction::ReportCapabilities ? 6 : 8;
    if (cdb.service_action() <= 3 && cdb.allocation_length() < least)
        return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    CommandResult result = unit_.execute(nexus, cdb, {}, data_in);
    if (action != PrInAction::ReadFullStatus || result.status != ScsiStatus::Good) return result;
    // Descriptors that do not fit are not counted either: nobody can tell that they are missing.
    std::size_t end = kFullStatusHeader;
    while (end + kFullStatusDescriptor <= result.data_length) {
        const std::size_t next =
            end + kFullStatusDescriptor + load_be<std::uint32_t>(&data_in[end + kFullStatusDescriptor - 4]);
        if (next > result.data_length) break;
        end = next;
    }
    store_be(&data_in[4], static_cast<std::uint32_t>(end - kFullStatusHeader));
    return result;
}

bool SimulatedLun::allows_write(const Nexus& nexus) const {
    if (spc2_holder_ && *spc2_holder_ != nexus) return false;
    return unit_.allows_write(nexus);
}

std::string SimulatedLun::pending(const Nexus& nexus) const {
    LogicalUnit copy = unit_;
    std::string list;
    for (;;) {
        const CommandResult result = copy.execute(nexus, kProbe, {}, {});
        if (result.status == ScsiStatus::Good) return list;
        list += (list.empty() ? "" : " ") + test::brief(result);
    }
}

}  // namespace prh::multipath
