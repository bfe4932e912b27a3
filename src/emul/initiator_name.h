// SPDX-License-Identifier: MIT
// The initiator port that the name of a file stands for, as an iSCSI TransportID that a person can predict
// and type, in SPEC_I_PT or REGISTER AND MOVE:
//
//     /srv/disks/vm1.img  ->  iqn.2026-01.prhelper.emulator:/srv/disks/vm1.img
//
// A name that does not fit (over 193 bytes, with control characters or with ",i,0x", which would begin an
// ISID) has a shortened form: "~", sixteen digits of the FNV-1a hash of the whole name, "~", and the end of
// the name with a "_" for every comma and control character. A file's name begins with "/", so the two forms
// never meet. The same name always gives the same TransportID.
#pragma once

#include <string_view>

#include "scsi/transport_id.h"

namespace prh {

constexpr std::string_view kInitiatorNamePrefix = "iqn.2026-01.prhelper.emulator:";

TransportId initiator_port_of(std::string_view file_name);

}  // namespace prh
