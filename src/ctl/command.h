// SPDX-License-Identifier: MIT
// A PERSISTENT RESERVE command as it is sent, made from what the user asked for.
#pragma once

#include <cstdint>
#include <vector>

#include "client/failure.h"
#include "ctl/options.h"
#include "ctl/verb.h"
#include "scsi/cdb.h"
#include "scsi/transport_id.h"
#include "wire/protocol.h"

namespace prh::ctl {

/// All that a reply carries, at once: a target that was asked for less may say that there is no more (LIO's
/// READ FULL STATUS puts 0 into ADDITIONAL LENGTH then), so to begin with a short one and grow it loses keys.
constexpr std::uint16_t kDefaultAllocationLength = kMaximumDataLength;

struct Command {
    Cdb cdb;
    std::vector<std::uint8_t> parameter_list;
};

/// `transport_ids`: what options.transport_ids stands for. Fails where options that the verb needs are
/// missing or cannot be together.
Expected<Command> make_command(const Verb& verb, const ReservationOptions& options,
                               std::vector<TransportId> transport_ids);

}  // namespace prh::ctl
