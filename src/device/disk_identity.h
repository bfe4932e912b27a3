// SPDX-License-Identifier: MIT
// What sysfs says a client's descriptor stands for. Nothing is sent to the device: the kernel read the names
// when it found it.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "device/descriptor_kind.h"
#include "device/device_identity.h"

namespace prh {

/// A SCSI disk, its /dev/sgN, a multipath node, or a device-mapper node over the whole of one of them; for
/// everything else the number alone, and "no device" for what the client has not opened. A nexus is the SCSI
/// device ("3:0:0:1") with the logical unit's name.
DeviceIdentity identify_disk(FdRef descriptor, DescriptorClassifier& classifier);

/// The paths of a device that identify_disk() has told of, as sysfs at `sysfs` ("/sys") shows them now.
std::vector<DevicePath> paths_of_disk(const DeviceIdentity& identity, const std::string& sysfs);

/// The kernel's name for what a descriptor's commands go to: "sdb", also of a device-mapper node over the
/// whole of it, or "sg2"; a multipath node's own ("dm-3"). Its number where sysfs does not tell; empty for
/// what is no disk.
std::string kernel_name(FdRef descriptor, DescriptorClassifier& classifier);

}  // namespace prh
