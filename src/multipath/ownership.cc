// SPDX-License-Identifier: MIT
// Which registrations are ours. A key proves nothing: after a migration two hosts have the same. What does is
// the nexus: its ports, as the transport tells them or as the logical unit showed them when we registered.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {

/// Right after a REGISTER through so many paths: if just as many nexuses have the key, they are ours. How
/// many have it, if that can be told.
std::optional<std::size_t> Engine::learn_ownership(Exchange& exchange, std::size_t registered) {
    const auto status = exchange.read_full_status();
    if (!status) return std::nullopt;
    std::vector<PortPair> found;
    for (const FullStatusDescriptor& one : *status)
        if (one.key == record_.key) found.push_back({one.transport_id, one.relative_target_port});
    if (found.size() != registered) return found.size();
    if (registered == world_.paths.count()) record_.own.clear();  // else those of dead paths are among them
    record_.own.insert(record_.own.end(), found.begin(), found.end());
    sort_out(record_.own);
    return found.size();
}

/// A registration through all target ports (ALL_TG_PT) names the initiator port alone.
bool Engine::is_ours(const FullStatusDescriptor& registration) const {
    const auto same = [&](const PortPair& ports) {
        return ports.initiator_port == registration.transport_id &&
               (registration.all_target_ports || ports.target_port == registration.relative_target_port);
    };
    if (std::ranges::any_of(record_.own, same)) return true;
    for (std::size_t i = 0; i < world_.paths.count(); ++i)
        if (const auto ports = world_.paths.ports(i); ports && same(*ports)) return true;
    return false;
}

/// The path whose nexus holds, where the transport tells its ports.
std::optional<std::size_t> Engine::path_of_holder(Exchange& exchange) const {
    const auto status = exchange.read_full_status();
    if (!status) return std::nullopt;
    const auto holder = std::ranges::find_if(*status, &FullStatusDescriptor::holder);
    for (const std::size_t path : exchange.good_paths())
        if (const auto ports = world_.paths.ports(path); ports && holder != status->end() &&
                                                         ports->initiator_port == holder->transport_id &&
                                                         ports->target_port == holder->relative_target_port)
            return path;
    return std::nullopt;
}

/// Where the logical unit and the transport do not show whose a nexus is, our memory of the last command
/// decides. Nothing if no path tells.
std::optional<bool> Engine::holder_is_ours(Exchange& exchange, const HeldReservation& held) const {
    const auto status = exchange.read_full_status();
    const bool remembered = record_.holding && held.key == record_.key;
    if (!status) return exchange.read_keys() ? std::optional(remembered) : std::nullopt;
    const auto holder = std::ranges::find_if(*status, &FullStatusDescriptor::holder);
    if (holder == status->end()) return false;
    if (is_ours(*holder)) return true;
    return record_.own.empty() && remembered;
}

/// If only we have this key, a PREEMPT of it hits us alone. The proof is as old as the answer: another host
/// that registers with the same key right then is not seen.
Engine::KeyOwners Engine::owners_of(Exchange& exchange, ReservationKey key) const {
    const auto status = exchange.read_full_status();
    if (!status) {
        const auto keys = exchange.read_keys();
        return keys && std::ranges::count(*keys, key) == 0 ? KeyOwners::Nobody : KeyOwners::Others;
    }
    auto owners = KeyOwners::Nobody;
    for (const FullStatusDescriptor& one : *status) {
        if (one.key != key) continue;
        if (!is_ours(one)) return KeyOwners::Others;
        owners = KeyOwners::Us;
    }
    return owners;
}

bool Engine::all_are_ours(Exchange& exchange, ReservationKey key) const {
    return owners_of(exchange, key) == KeyOwners::Us;
}

/// Nothing if no path tells: then nobody may take it for a no.
std::optional<bool> Engine::still_registered(Exchange& exchange) const {
    if (const auto status = exchange.read_full_status())
        return std::ranges::any_of(*status, [&](const FullStatusDescriptor& one) {
            return one.key == record_.key && (record_.own.empty() || is_ours(one));
        });
    const auto keys = exchange.read_keys();
    if (!keys) return std::nullopt;
    return std::ranges::count(*keys, record_.key) != 0;
}

}  // namespace prh
