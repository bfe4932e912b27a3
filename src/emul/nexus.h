// SPDX-License-Identifier: MIT
// I_T nexus: an initiator port and the target port that it speaks through. Registrations, reservations and
// unit attentions belong to one (SPC-4 5.13.1). An initiator port has one spelling here, the canonical one,
// so that two nexuses are the same if and only if they compare equal.
#pragma once

#include <compare>
#include <cstdint>

#include "scsi/transport_id.h"

namespace prh {

struct Nexus {
    TransportId initiator_port;     ///< canonical
    std::uint16_t target_port = 1;  ///< relative target port identifier

    friend auto operator<=>(const Nexus&, const Nexus&) = default;
};

/// The one spelling of an initiator port: padding cut to the least that SPC-4 7.6.4 allows, reserved bytes
/// zero, the ISID in lower case.
TransportId canonical(const TransportId& initiator_port);

}  // namespace prh
