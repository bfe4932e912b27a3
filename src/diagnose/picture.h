// SPDX-License-Identifier: MIT
// Registrations, laid over the paths of this host. A registration belongs to an I_T nexus, which READ FULL
// STATUS names by its two ports; so does a path, as far as the transport shows its ports. Pure.
#pragma once

#include <optional>
#include <vector>

#include "client/disk_answer.h"
#include "diagnose/local_disk.h"

namespace prh::ctl {

struct PathView {
    LocalPath path;
    std::optional<DiskRegistration> registration;
    /// False: it cannot be told whether there is one, and which.
    bool told = true;
};

struct OwnKey {
    ReservationKey key;
    bool certain = true;  ///< false: as many paths have another one, and none of them holds
};

struct Picture {
    std::vector<PathView> paths;
    std::vector<DiskRegistration> stale;  ///< of an initiator port of this host, through no path that is here
    /// Of other hosts; and, where the disk does not name initiators or a path could not be told, of this one.
    std::vector<DiskRegistration> others;
    /// Some path was told by its target port alone, since the transport does not show this host's port.
    bool by_target_port = false;

    bool all_told() const;
    /// The key that most paths have, among as many the holder's; nothing where none has one.
    std::optional<OwnKey> own_key() const;
};

Picture picture_of(const LocalDisk& disk, const DiskAnswer& answer);

}  // namespace prh::ctl
