// SPDX-License-Identifier: MIT
// A disk as this host sees it: the paths that lead to it, and by which ports. Read from sysfs, as any user
// can.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "device/device_identity.h"

namespace prh::ctl {

/// How long the transport of a path keeps commands back while the way is lost, before it fails them:
/// fast_io_fail_tmo, as multipath.conf calls it.
struct GivingUp {
    std::optional<std::int64_t> seconds;  ///< nothing: never
};

struct LocalPath {
    std::string name;     ///< "sda"
    std::string address;  ///< "2:0:0:1"; empty for an emulated disk
    std::string state;    ///< the kernel's word; empty where it is gone
    /// TransportID of this host's port; the name alone where iSCSI does not show more; empty where nothing is
    /// shown.
    std::string initiator;
    std::string target_port;  ///< relative target port identifier, decimal; empty where it is not known
    std::optional<GivingUp> giving_up{};
    /// Multipath: why the helper takes it for no path of the map, whatever its state is; empty: it does.
    std::string unservable{};

    bool up() const { return state == "running"; }
};

struct LocalDisk {
    std::string node;  ///< as the user has named it
    DeviceKind kind = DeviceKind::Other;
    std::string number;  ///< as a helper tells it
    std::string name;    ///< "mpatha", "sdb"
    std::string map;     ///< multipath: "dm-3", as multipathd knows it
    std::string wwid;    ///< multipath: the map's, as multipath.conf has it
    std::vector<std::string> wwids;
    std::vector<LocalPath> paths;
    /// Initiator ports of this host, whether they lead to this disk or not; of iSCSI the names, without ISID.
    std::vector<std::string> initiators;
    std::vector<std::string> holders;  ///< maps that a disk is a path of

    bool several_paths() const { return kind == DeviceKind::Multipath; }
};

/// "node" is opened already; `sysfs`: "/sys".
LocalDisk local_disk(FdRef descriptor, const std::string& node, const std::string& sysfs);

}  // namespace prh::ctl
