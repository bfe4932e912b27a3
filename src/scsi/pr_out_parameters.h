// SPDX-License-Identifier: MIT
// Parameter lists of PERSISTENT RESERVE OUT (SPC-4 6.16.3, 6.16.4).
#pragma once

#include <cstdint>
#include <tl/expected.hpp>
#include <vector>

#include "base/bytes.h"
#include "scsi/reservation.h"
#include "scsi/sense.h"
#include "scsi/transport_id.h"

namespace prh {

/// Every service action but REGISTER AND MOVE (SPC-4 table 205).
struct PrOutParameters {
    static constexpr std::size_t kBasicLength =
        24;  ///< the length where SPEC_I_PT is zero; no other is allowed

    ReservationKey reservation_key;
    ReservationKey service_action_key;
    bool spec_i_pt = false;
    bool all_tg_pt = false;
    bool aptpl = false;
    std::vector<TransportId> transport_ids;  ///< only with spec_i_pt

    /// The list of `action`. SPEC_I_PT is defined for REGISTER alone, and refused for the others. Errors:
    /// 05/1A/00 for a wrong length, 05/26/00 for SPEC_I_PT and for TransportIDs that are cut or unknown.
    static tl::expected<PrOutParameters, SenseCode> parse(ConstBytes list, PrOutAction action);
    std::vector<std::uint8_t> encode() const;
    friend bool operator==(const PrOutParameters&, const PrOutParameters&) = default;
};

/// REGISTER AND MOVE (SPC-4 table 207).
struct RegisterAndMoveParameters {
    static constexpr std::size_t kHeaderLength = 24;

    ReservationKey reservation_key;
    ReservationKey service_action_key;
    bool unreg = false;
    bool aptpl = false;
    std::uint16_t relative_target_port = 0;
    TransportId destination;

    static tl::expected<RegisterAndMoveParameters, SenseCode> parse(ConstBytes list);
    std::vector<std::uint8_t> encode() const;
    friend bool operator==(const RegisterAndMoveParameters&, const RegisterAndMoveParameters&) = default;
};

}  // namespace prh
