// SPDX-License-Identifier: MIT
// Whose fault it is that something did not come as it must: told from the status, the sense data, what the
// disk says of itself, and what is known of the way to it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/command_result.h"
#include "scsi/reservation.h"

namespace prh::ctl {

enum class Fault {
    Array,        ///< the disk does not do what SPC-4 says
    Path,         ///< what is between this host and the disk
    Multipathd,   ///< paths that come back are not taken care of
    Helper,       ///< does not answer, or does not serve this device
    AnotherHost,  ///< somebody else changes registrations meanwhile
    SecondNode,   ///< what was named as the second node is none
};
std::string_view name(Fault fault);  ///< "array"; for programs

struct Finding {
    Fault fault = Fault::Array;
    std::string words;  ///< what was seen, what that means, what to do; without a final full stop
};

/// What is known of the way to the disk of the node that sent the command.
struct WayFacts {
    bool multipath = false;
    bool whole = true;                ///< no partition, no part of a logical unit: those a helper refuses
    bool answered = false;            ///< a command has ended GOOD before
    std::vector<std::string> paths;   ///< "sda"; empty where sysfs does not tell
    std::vector<std::string> failed;  ///< of those, which do not answer now
};

/// What the disk says: keys as often as they are registered, and the reservation.
struct DiskState {
    std::uint32_t generation = 0;
    std::vector<ReservationKey> keys;
    std::optional<HeldReservation> held;
};

/// What must come of a command.
struct Due {
    std::string_view command;  ///< "RESERVE"
    ScsiStatus status = ScsiStatus::Good;
    std::map<ReservationKey, std::size_t> keys;  ///< how often each is registered afterwards
    std::optional<ReservationKey> holder;        ///< of a reservation of kClusterType
    std::vector<ReservationKey> ours;            ///< every key of the run
    bool aptpl = false;
    bool introduces_second = false;
    bool seen_by_other = false;  ///< the other node looks, through its own nexus
    bool same_unit = false;      ///< both nodes have the same WWID
};

/// A command that was not answered as it must.
std::optional<Finding> judge_result(const Due& due, const CommandResult& result, const WayFacts& way);
/// The same for one whose outcome may be another host's doing: `before` and `after` are what the disk said.
std::optional<Finding> judge_result(const Due& due, const CommandResult& result, const WayFacts& way,
                                    const DiskState& before, const DiskState& after);
/// What the disk says after a command that was answered as it must be.
std::optional<Finding> judge_state(const Due& due, const DiskState& before, const DiskState& after,
                                   const WayFacts& way);

/// multipathd's answer about a map whose registered key is `key`.
struct MultipathdAnswerSeen {
    bool answers = false;
    std::string trouble;  ///< why it does not
    std::optional<ReservationKey> key;
    bool denied = false;  ///< it tells root alone, which says nothing
};
std::optional<Finding> judge_multipathd(const MultipathdAnswerSeen& seen, ReservationKey key);

}  // namespace prh::ctl
