// SPDX-License-Identifier: MIT
// What sysfs says of one SCSI disk below a multipath map: no ioctl, no command to the disk, nothing that
// waits.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "scsi/device_identification.h"
#include "scsi/transport_id.h"

namespace prh {

class SysfsDisk {
  public:
    /// `root`: "/sys"; `directory`: the disk's, such as /sys/dev/block/254:3/slaves/sda.
    SysfsDisk(std::string root, std::string directory)
        : root_(std::move(root)), directory_(std::move(directory)) {}

    /// "8:16"; nothing: there is no such disk. An error: it cannot be read now.
    Result<std::optional<std::string>> number() const;
    /// Device-mapper says that `map` ("254:3") is built on it. An error: that cannot be read now.
    Result<bool> is_held_by(const std::string& map) const;
    /// The Device Identification VPD page as the kernel read it when it found the disk.
    std::optional<DeviceIdentification> identification() const;
    /// Why this can never be a path, whatever is tried; nothing: it can, or sysfs cannot be read now.
    std::optional<std::string> unservable() const;
    /// device/state, opened: it tells of this disk alone, and fails (ENODEV) once that is gone.
    UniqueFd state() const;
    /// Whether the kernel numbers disks: then it answers BLKGETDISKSEQ itself (disk_sequence()).
    bool has_sequence() const;
    /// The port of this host through which the disk is reached. Nothing where the transport does not show it
    /// beyond doubt: a wrong one would make somebody else's registration ours.
    std::optional<TransportId> initiator_port() const;

  private:
    std::string root_;
    std::string directory_;
};

enum class DiskState {
    Running,
    Blocked,
    Away,
    Gone,     ///< it is no disk of the kernel's any more
    Unknown,  ///< it cannot be read now; errno says why
};
DiskState disk_state(FdRef state);
/// Whether device/state says that the kernel sends commands down this path.
bool is_running(FdRef state);
/// Whether the kernel holds commands back for a moment (scsi_internal_device_block); the map's I/O waits with
/// it.
bool is_blocked(FdRef state);
/// Whether the disk of this device/state is still the kernel's, as far as is known.
bool is_there(FdRef state);

}  // namespace prh
