// SPDX-License-Identifier: MIT
// What can go wrong with one command on its way down a path.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh::multipath {

enum class Effect {
    kNone,   ///< the logical unit never saw the command
    kNow,    ///< it executed it; the answer was lost
    kLater,  ///< it executes it after the request, and until then the path hangs
};

struct Fault {
    enum class Kind {
        kAnswered,     ///< the logical unit answers this instead of executing the command
        kUnreachable,  ///< the transport fails
        kTimedOut,
        kDoneBefore,  ///< somebody did for this path, just before, what the command asks for (see below)
    };

    std::string name;
    Kind kind = Kind::kAnswered;
    CommandResult answer = {};
    Effect effect = Effect::kNone;
    bool path_dies = false;
    /// Whether it can happen to this command, and is not the same as another fault.
    bool applies_to(const Cdb& cdb, std::uint64_t new_key, bool ends_good) const;
};

/// A RESERVATION CONFLICT comes with a cause only, kDoneBefore: the path has the registration already that a
/// REGISTER is to make, because multipathd made it, or because the array shares registrations between its
/// target ports; the logical unit then says CONFLICT by itself. One without any cause would ask the engine to
/// disbelieve the logical unit, which it must not: a CONFLICT is how a fenced host learns of it. Nobody does
/// for a path what is refused, nor registers a temporary key.
const std::vector<Fault>& every_fault();

}  // namespace prh::multipath
