// SPDX-License-Identifier: MIT
#include "server/nexus_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"

namespace prh {
namespace {

PrOutAction action_of(const Request& request) {
    return static_cast<PrOutAction>(request.cdb.service_action());
}

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
    if (request.cdb.is_clean_up()) return RegistrationChange::Leaves;
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
    if (!request.cdb.changes_something()) return send();
    const RegistrationChange change = registration_change(request);
    const bool enters = change == RegistrationChange::Enters;
    if (mode_ == SharedNexus::Allow && !enters) return send();
    if (mode_ == SharedNexus::Warn && change == RegistrationChange::None) return send();
    const DeviceIdentity device = device_.identify(request.descriptor.ref());
    if (enters && device.kind == DeviceKind::Multipath) peer->note_map(device.disk);
    if (mode_ == SharedNexus::Allow || device.nexuses.empty()) return send();

    const Entry entry = try_enter(peer, request, device.nexuses);
    if (entry.other) {
        report(*peer, *entry.other, request.cdb, device);
        if (mode_ == SharedNexus::Deny) return CommandResult::of(ScsiStatus::ReservationConflict);
    }
    if (request.cdb.is_clean_up() && others_are_registered(*peer, device.nexuses)) {
        leave(*peer, device.nexuses);
        return CommandResult::good();
    }
    const Visit visit{*this, *peer, entry.visited};
    const CommandResult result = send();
    if (result.status != ScsiStatus::Good) {
        if (was_refused(result)) leave(*peer, entry.entered);
        return result;
    }
    // Where others are denied, who has entered meanwhile waits for the end of this, and stays registered.
    if (change == RegistrationChange::AllLeave && mode_ == SharedNexus::Warn)
        all_leave(device.nexuses);
    else if (change == RegistrationChange::AllLeave || change == RegistrationChange::Leaves)
        leave(*peer, device.nexuses);
    return result;
}

NexusWatch::Entry NexusWatch::try_enter(const std::shared_ptr<Peer>& peer, const Request& request,
                                        const Nexuses& nexuses) {
    const bool denies = mode_ == SharedNexus::Deny;
    Entry entry;
    Nexuses missing;
    std::unique_lock lock(mutex_);
    for (const std::string& nexus : nexuses) {
        const auto found = clients_.find(nexus);
        const bool known = found != clients_.end() && !found->second.registered.empty();
        if (known && has(found->second.registered, *peer)) continue;
        if (known && (denies || is_register(request))) entry.other = found->second.registered.front();
        missing.push_back(nexus);
    }
    if (denies && entry.other) return entry;
    if (registration_change(request) != RegistrationChange::Enters) {
        if (!denies) return entry;
        for (const std::string& nexus : missing) clients_[nexus].strangers.push_back(peer.get());
        entry.visited = std::move(missing);
        return entry;
    }
    for (const std::string& nexus : missing) clients_[nexus].registered.push_back(peer);
    peer->watched = true;
    entry.entered = std::move(missing);
    // What strangers sent before is not to come to the disk behind this REGISTER: a clean-up needs no key.
    // From here on they are refused, so this ends.
    const auto is_visited = [&](const std::string& nexus) {
        const auto found = clients_.find(nexus);
        return found != clients_.end() &&
               std::any_of(found->second.strangers.begin(), found->second.strangers.end(),
                           [&](const Peer* each) { return each != peer.get(); });
    };
    visit_ended_.wait(lock, [&] { return std::none_of(nexuses.begin(), nexuses.end(), is_visited); });
    return entry;
}

void NexusWatch::end_visit(const Peer& peer, const Nexuses& nexuses) {
    if (nexuses.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const std::string& nexus : nexuses) {
        auto& strangers = clients_[nexus].strangers;
        const auto own = std::find(strangers.begin(), strangers.end(), &peer);  // of several, one
        if (own != strangers.end()) strangers.erase(own);
        forget_if_empty(nexus);
    }
    visit_ended_.notify_all();
}

void NexusWatch::forget_if_empty(const std::string& nexus) {
    const auto found = clients_.find(nexus);
    if (found != clients_.end() && found->second.empty()) clients_.erase(found);
}

void NexusWatch::leave(const Peer& peer, const Nexuses& nexuses) {
    const std::lock_guard lock(mutex_);
    for (const std::string& nexus : nexuses) {
        const auto found = clients_.find(nexus);
        if (found == clients_.end()) continue;
        drop(found->second.registered, peer);
        forget_if_empty(nexus);
    }
}

void NexusWatch::all_leave(const Nexuses& nexuses) {
    const std::lock_guard lock(mutex_);
    for (const std::string& nexus : nexuses) {
        if (const auto found = clients_.find(nexus); found != clients_.end())
            found->second.registered.clear();
        forget_if_empty(nexus);
    }
}

bool NexusWatch::others_are_registered(const Peer& peer, const Nexuses& nexuses) {
    const auto registrants = this->registrants(nexuses);
    return registrants.size() > (has(registrants, peer) ? 1U : 0U);
}

std::vector<std::shared_ptr<Peer>> NexusWatch::registrants(const Nexuses& nexuses) {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Peer>> peers;
    for (const std::string& nexus : nexuses) {
        const auto found = clients_.find(nexus);
        if (found == clients_.end()) continue;
        for (const auto& peer : found->second.registered)
            if (!has(peers, *peer)) peers.push_back(peer);
    }
    return peers;
}

void NexusWatch::forget(const Peer& peer) {
    if (const auto maps = peer.maps(); !maps.empty()) device_.client_left(maps);
    if (!peer.watched) return;
    const std::lock_guard lock(mutex_);
    for (auto& [nexus, clients] : clients_) drop(clients.registered, peer);
    std::erase_if(clients_, [](const auto& entry) { return entry.second.empty(); });
}

void NexusWatch::report(const Peer& peer, const Peer& other, const Cdb& cdb, const DeviceIdentity& device) {
    const bool denies = mode_ == SharedNexus::Deny;
    counters_.add(denies ? Counter::DeniedChanges : Counter::SharedNexuses);
    std::string verb = denies ? fmt::format("sends {} to", name_of_action(cdb)) : "registers with";
    // This may be the client's first command, before its name is known.
    names_.when_named(peer.identity(), [this, denies, client = peer.identity(), registrant = other.identity(),
                                        verb = std::move(verb), title = device.title()] {
        log_.client(
            fmt::format("{} {} device {} through the same I_T nexus as {}, which is registered: {}",
                        client->title(), verb, title, registrant->title(),
                        denies
                            ? "answered RESERVATION CONFLICT (--shared-nexus=deny)"
                            : "to the disk they are one initiator, and neither is protected from the other"),
            Log::About::Nexuses);
    });
}

}  // namespace prh
