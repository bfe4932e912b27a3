// SPDX-License-Identifier: MIT
// What a user asked for, once the command line is understood: plain values, which every command is made from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scsi/reservation.h"

namespace prh::ctl {

enum class Format { Text, Json, Hex, Raw };

/// Understood by the commands that are PERSISTENT RESERVE IN or OUT; which by which, says ctl/verb.h.
struct ReservationOptions {
    std::string device;
    bool readonly = false;
    bool retry_unit_attention = false;

    std::optional<std::uint16_t> allocation_length;
    bool hex = false;
    bool raw = false;

    std::optional<ReservationKey> key;
    std::optional<ReservationKey> service_action_key;
    std::optional<ReservationType> type;
    bool aptpl = false;
    bool all_target_ports = false;
    bool unregister = false;
    std::uint16_t relative_target_port = 0;
    std::vector<std::string> transport_ids;  ///< as given: a TransportID, "file=NAME" or "-"
};

}  // namespace prh::ctl
