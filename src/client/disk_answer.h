// SPDX-License-Identifier: MIT
// What a disk says of its registrations and its reservation: the values, and their text. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scsi/reservation.h"

namespace prh::ctl {

struct DiskRegistration {
    ReservationKey key;
    bool holder = false;
    std::string
        initiator;  ///< TransportID; empty where the disk does not tell (READ FULL STATUS is optional)
    std::string target_port;  ///< relative target port identifier, or "all"
};

struct DiskAnswer {
    std::uint32_t generation = 0;
    std::vector<DiskRegistration> registrations;
    std::optional<HeldReservation> held;
    bool names_initiators = true;  ///< READ FULL STATUS was answered
    bool truncated = false;        ///< there are more registrations than a reply carries
    /// Unit attentions that were met on the way, in words. A disk reports each once: nobody else sees these.
    std::vector<std::string> attentions;
};

/// "nobody", "key 0xa, Write Exclusive, registrants only".
std::string holder_of(const DiskAnswer& answer);

}  // namespace prh::ctl
