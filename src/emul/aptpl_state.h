// SPDX-License-Identifier: MIT
// What a loss of power leaves of a logical unit (SPC-4 5.13.4): with APTPL its registrations and its
// reservation, else nothing. PRGENERATION is not among it: power on sets it to zero whatever APTPL says
// (SPC-4 6.15.2).
#pragma once

#include <optional>
#include <vector>

#include "emul/nexus.h"
#include "emul/registrations.h"
#include "scsi/reservation.h"

namespace prh {

/// A reservation and who holds it: one registered nexus, or for the all-registrants types nobody in
/// particular.
struct PersistentReservation {
    ReservationType type = ReservationType::WriteExclusive;
    std::optional<Nexus> holder;  ///< none if and only if is_all_registrants(type)

    friend bool operator==(const PersistentReservation&, const PersistentReservation&) = default;
};

struct AptplState {
    bool activated =
        false;  ///< the last APTPL bit that the logical unit received; if zero, the rest is empty
    std::vector<Registration> registrations;
    std::optional<PersistentReservation> reservation;  ///< its holder is registered

    friend bool operator==(const AptplState&, const AptplState&) = default;
};

}  // namespace prh
