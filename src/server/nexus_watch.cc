// SPDX-License-Identifier: MIT
#include "server/nexus_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "scsi/pr_out_parameters.h"

namespace prh {
namespace {

PrOutAction action_of(const Request& request) {
    return static_cast<PrOutAction>(request.cdb.service_action());
}

/// Sent by whom the nexus belongs to, and nobody else.
bool is_register(const Request& request) {
    return request.cdb.is_persistent_reserve_out() &&
           (action_of(request) == PrOutAction::Register ||
            action_of(request) == PrOutAction::RegisterAndIgnoreExistingKey);
}

bool has(const std::vector<std::shared_ptr<Peer>>& peers, const Peer& peer) {
    return std::any_of(peers.begin(), peers.end(), [&](const auto& each) { return each.get() == &peer; });
}

/// By the logical unit or on the way there; of other failures it is not known whether it was executed.
bool was_refused(const CommandResult& result) {
    if (result.status == ScsiStatus::ReservationConflict || result.status == ScsiStatus::Busy) return true;
    const auto code = result.sense.code();
    return code && (code->key == SenseKey::IllegalRequest || code->key == SenseKey::UnitAttention);
}

void drop(std::vector<std::shared_ptr<Peer>>& peers, const Peer& peer) {
    std::erase_if(peers, [&](const auto& each) { return each.get() == &peer; });
}

}  // namespace

RegistrationChange registration_change(const Request& request) {
    if (request.is_cleanup()) return RegistrationChange::Leaves;
    if (!request.cdb.is_persistent_reserve_out()) return RegistrationChange::None;
    const ConstBytes list = request.parameter_list;
    if (list.size() < PrOutParameters::kBasicLength || list.size() != request.cdb.parameter_list_length())
        return RegistrationChange::None;
    constexpr std::size_t kServiceActionKey = 8, kMoveFlags = 17;  // SPC-4 tables 205 and 207
    constexpr std::uint8_t kUnreg = 0x02;
    switch (action_of(request)) {
        case PrOutAction::Register:
        case PrOutAction::RegisterAndIgnoreExistingKey:
            return load_be<std::uint64_t>(&list[kServiceActionKey]) != 0 ? RegistrationChange::Enters
                                                                         : RegistrationChange::AllLeave;
        case PrOutAction::RegisterAndMove:
            return (list[kMoveFlags] & kUnreg) != 0 ? RegistrationChange::AllLeave : RegistrationChange::None;
        case PrOutAction::Clear: return RegistrationChange::AllLeave;
        default: return RegistrationChange::None;
    }
}

CommandResult NexusWatch::execute(const std::shared_ptr<Peer>& peer, const Request& request,
                                  const std::function<CommandResult()>& send) {
    const RegistrationChange change = registration_change(request);
    if (mode_ == SharedNexus::Allow || change == RegistrationChange::None) return send();
    const DeviceIdentity device = device_.identify(request.descriptor.ref());
    if (device.nexuses.empty()) return send();

    Entry entry;
    if (is_register(request)) {
        entry = try_enter(peer, change, device.nexuses);
        if (entry.other) {
            report(*peer, *entry.other, device);
            if (mode_ == SharedNexus::Deny) return CommandResult::of(ScsiStatus::ReservationConflict);
        }
    }
    const CommandResult result = send();
    if (result.status == ScsiStatus::Good) {
        if (change == RegistrationChange::Leaves) leave(*peer, device.nexuses);
        if (change == RegistrationChange::AllLeave) all_leave(device.nexuses);
    } else if (was_refused(result)) {
        leave(*peer, entry.entered);
    }
    return result;
}

NexusWatch::Entry NexusWatch::try_enter(const std::shared_ptr<Peer>& peer, RegistrationChange change,
                                        const Nexuses& nexuses) {
    const std::lock_guard lock(mutex_);
    Entry entry;
    Nexuses missing;
    for (const std::string& nexus : nexuses) {
        const auto found = registered_.find(nexus);
        if (found != registered_.end() && has(found->second, *peer)) continue;
        if (found != registered_.end()) entry.other = found->second.front();
        missing.push_back(nexus);
    }
    if (change != RegistrationChange::Enters || (entry.other && mode_ == SharedNexus::Deny)) return entry;
    for (const std::string& nexus : missing) registered_[nexus].push_back(peer);
    peer->watched = true;
    entry.entered = std::move(missing);
    return entry;
}

void NexusWatch::leave(const Peer& peer, const Nexuses& nexuses) {
    const std::lock_guard lock(mutex_);
    for (const std::string& nexus : nexuses) {
        const auto found = registered_.find(nexus);
        if (found == registered_.end()) continue;
        drop(found->second, peer);
        if (found->second.empty()) registered_.erase(found);
    }
}

void NexusWatch::all_leave(const Nexuses& nexuses) {
    const std::lock_guard lock(mutex_);
    for (const std::string& nexus : nexuses) registered_.erase(nexus);
}

std::vector<std::shared_ptr<Peer>> NexusWatch::registrants(const Nexuses& nexuses) {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Peer>> peers;
    for (const std::string& nexus : nexuses) {
        const auto found = registered_.find(nexus);
        if (found == registered_.end()) continue;
        for (const auto& peer : found->second)
            if (!has(peers, *peer)) peers.push_back(peer);
    }
    return peers;
}

void NexusWatch::forget(const Peer& peer) {
    if (!peer.watched) return;
    const std::lock_guard lock(mutex_);
    for (auto& [nexus, peers] : registered_) drop(peers, peer);
    std::erase_if(registered_, [](const auto& entry) { return entry.second.empty(); });
}

void NexusWatch::report(Peer& peer, Peer& other, const DeviceIdentity& device) {
    counters_.add(mode_ == SharedNexus::Deny ? Counter::DeniedRegistrations : Counter::SharedNexuses);
    log_.client(
        fmt::format("{} registers with device {} through the same I_T nexus as {}, which is registered: {}",
                    peer.title(), device.title(), other.title(),
                    mode_ == SharedNexus::Deny
                        ? "answered RESERVATION CONFLICT (--shared-nexus=deny)"
                        : "to the disk they are one initiator, and neither is protected from the other"),
        Log::About::Nexuses);
}

}  // namespace prh
