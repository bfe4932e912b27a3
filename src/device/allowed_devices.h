// SPDX-License-Identifier: MIT
// The list of logical units that are served (--allow-device). They are known by their names in the Device
// Identification VPD page, so that neither another path nor another device node makes a difference.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "device/device_identity.h"

namespace prh {

class AllowedDevices {
  public:
    /// "wwid:NAME" in any of the spellings of canonical_wwid(), or an absolute path of a device node, whose
    /// names are looked up now. Error: no such name, no such device, or one that has no name.
    Status add(const std::string& value);

    bool all() const { return wwids_.empty(); }  ///< nothing was added: no list
    /// One of its names is enough.
    bool admit(const DeviceIdentity& identity) const;

  private:
    std::vector<std::string> wwids_;
};

}  // namespace prh
