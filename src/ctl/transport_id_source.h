// SPDX-License-Identifier: MIT
// Where TransportIDs come from: the command line itself, a file, or standard input, as with sg_persist(8).
#pragma once

#include <string>
#include <vector>

#include "client/failure.h"
#include "scsi/transport_id.h"

namespace prh::ctl {

/// Each of `given` is a TransportID, "file=NAME" or "-".
Expected<std::vector<TransportId>> load_transport_ids(const std::vector<std::string>& given);

}  // namespace prh::ctl
