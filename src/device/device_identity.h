// SPDX-License-Identifier: MIT
// What a client's descriptor stands for, for people and for policies. Told without asking the device.
#pragma once

#include <string>
#include <vector>

namespace prh {

struct DeviceIdentity {
    std::string number;  ///< "8:16"; for messages
    std::string name;    ///< the kernel's ("sdb", "sg2"), or a map's ("mpatha"); empty where there is none
    /// The names that are the logical unit's alone, as canonical_wwid() spells them. Empty where it has none.
    std::vector<std::string> wwids;
    /// The ways by which commands go there, each an I_T nexus of this host: two clients that have one in
    /// common are one initiator to the logical unit. Sorted; empty where they are not known, and where
    /// PERSISTENT RESERVE OUT would be refused.
    std::vector<std::string> nexuses;

    /// "8:16 (sdb)"
    std::string title() const { return name.empty() ? number : number + " (" + name + ")"; }
};

}  // namespace prh
