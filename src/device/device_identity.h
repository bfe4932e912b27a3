// SPDX-License-Identifier: MIT
// What a client's descriptor stands for, for people and for policies. Told without asking the device.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prh {

enum class DeviceKind { Disk, Generic, Multipath, Emulated, Other };
std::string_view name(DeviceKind kind);  ///< "disk"; for programs

/// One disk through which commands reach a logical unit.
struct DevicePath {
    std::string name;     ///< "sda"
    std::string number;   ///< "8:0"
    std::string address;  ///< "2:0:0:1", host, channel, target and LUN
    std::string state;    ///< the kernel's word ("running"), empty where it is gone
};

struct DeviceIdentity {
    std::string number;  ///< "8:16"; for messages
    std::string name;    ///< the kernel's ("sdb", "sg2"), or a map's ("mpatha"); empty where there is none
    /// The names that are the logical unit's alone, as canonical_wwid() spells them. Empty where it has none.
    std::vector<std::string> wwids;
    /// The ways by which commands go there, each an I_T nexus of this host: two clients that have one in
    /// common are one initiator to the logical unit. Sorted; empty where they are not known, and where
    /// PERSISTENT RESERVE OUT would be refused.
    std::vector<std::string> nexuses;
    DeviceKind kind = DeviceKind::Other;
    std::string disk{};  ///< "8:16" of the disk or map that commands go to; empty where it is none

    /// "8:16 (sdb)"
    std::string title() const { return name.empty() ? number : number + " (" + name + ")"; }
};

}  // namespace prh
