// SPDX-License-Identifier: MIT
#include "emul/registrations.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace prh {

Registrations::Registrations(std::vector<Registration> list) {
    for (Registration& registration : list) {
        PRH_CHECK(!contains(registration.nexus) && !registration.key.is_zero());
        list_.push_back(std::move(registration));
    }
}

std::optional<ReservationKey> Registrations::key_of(const Nexus& nexus) const {
    const auto found = std::find_if(list_.begin(), list_.end(),
                                    [&](const Registration& entry) { return entry.nexus == nexus; });
    if (found == list_.end()) return std::nullopt;
    return found->key;
}

void Registrations::set(const Nexus& nexus, ReservationKey key) {
    PRH_CHECK(!key.is_zero());
    const auto found = std::find_if(list_.begin(), list_.end(),
                                    [&](const Registration& entry) { return entry.nexus == nexus; });
    if (found != list_.end())
        found->key = key;
    else
        list_.push_back({nexus, key});
}

void Registrations::remove(const Nexus& nexus) {
    std::erase_if(list_, [&](const Registration& entry) { return entry.nexus == nexus; });
}

}  // namespace prh
