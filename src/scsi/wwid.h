// SPDX-License-Identifier: MIT
// Names of logical units as people write them. There are several spellings of one name; this is the one that
// they are compared in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scsi/device_identification.h"

namespace prh {

/// One spelling for each name, empty if `text` is none:
///   "naa.6001405…"  of that, of "36001405…" (scsi_id, multipath) and "0x6001405…" (udev's wwn-)
///   "eui.0025385…"  of that and of "20025385…"
///   "t10.ATA_DISK_SERIAL" of that and of "1ATA…", blanks as one "_"
///   a SCSI name string ("iqn.…,L,0x…") as it is
/// Numbers are in small letters.
std::string canonical_wwid(std::string_view text);

/// The canonical names of a logical unit, sorted, each once.
std::vector<std::string> canonical_wwids(const DeviceIdentification& identification);

/// Those of `names` that tell a logical unit from every other one: NAA and EUI-64 where there are any. A T10
/// vendor ID is only as unique as its vendor has made it.
std::vector<std::string> telling_wwids(const std::vector<std::string>& names);

}  // namespace prh
