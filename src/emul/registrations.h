// SPDX-License-Identifier: MIT
// The registrations of a logical unit: which I_T nexus has which reservation key, in the order in which they
// came. A nexus is registered at most once, and never with the key zero.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "emul/nexus.h"
#include "scsi/reservation.h"

namespace prh {

struct Registration {
    Nexus nexus;
    ReservationKey key;

    friend bool operator==(const Registration&, const Registration&) = default;
};

class Registrations {
  public:
    Registrations() = default;
    explicit Registrations(std::vector<Registration> list);  ///< distinct nexuses, no key of zero

    std::optional<ReservationKey> key_of(const Nexus& nexus) const;
    bool contains(const Nexus& nexus) const { return key_of(nexus).has_value(); }
    void set(const Nexus& nexus, ReservationKey key);  ///< registers the nexus, or changes its key
    void remove(const Nexus& nexus);                   ///< nothing happens if it is not registered
    void clear() { list_.clear(); }

    const std::vector<Registration>& list() const { return list_; }
    std::size_t size() const { return list_.size(); }
    bool empty() const { return list_.empty(); }
    friend bool operator==(const Registrations&, const Registrations&) = default;

  private:
    std::vector<Registration> list_;
};

}  // namespace prh
