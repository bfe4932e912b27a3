// SPDX-License-Identifier: MIT
// One node of the cluster that `validate` plays: where its commands go, and what is known of the way there.
// The seam between the play and the world: a helper and a device node, or what a test makes of it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "client/failure.h"
#include "client/helper_connection.h"
#include "diagnose/validation_fault.h"
#include "scsi/cdb.h"

namespace prh::ctl {

class Initiator {
  public:
    virtual ~Initiator() = default;

    virtual const std::string& device() const = 0;
    virtual const std::string& socket() const = 0;
    /// A failure is the helper's. After one there is no connection until reconnect() has made it.
    virtual Expected<Reply> execute(const Cdb& cdb, ConstBytes parameter_list) = 0;
    /// For as long as a helper takes that is being restarted. True at once where there is a connection.
    virtual bool reconnect() = 0;
    /// From sysfs; nothing is sent.
    virtual WayFacts way() = 0;
    /// With the paths of a map that do not answer now, each of which is sent READ KEYS.
    virtual WayFacts probed_way() = 0;
    virtual MultipathdAnswerSeen ask_multipathd() = 0;
};

}  // namespace prh::ctl
