// SPDX-License-Identifier: MIT
// Nodes in /dev that this program opens itself: the paths of a map, and the disk that /dev/sgN stands for.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "device/descriptor_kind.h"

namespace prh {

/// Whether this is the block device that sysfs gives this number ("8:0").
bool is_block_device(FdRef descriptor, const std::string& number);

/// The node of the disk that sysfs calls `name` ("sda") and `number` ("8:0"), where udev puts it below `dev`
/// ("/dev"), else where a container may have only numbers. It may block while the disk's errors are handled.
///
/// Never opened for writing: udev would look at the disk anew whenever it is closed, and its commands would
/// take the unit attentions that are the guest's. SG_IO with CAP_SYS_RAWIO does not ask how a node was
/// opened.
Result<UniqueFd> open_disk_node(const std::string& dev, std::string name, const std::string& number);

/// The block node of the SCSI device whose /dev/sgN has this number; none where there is no such node, where
/// this process may not open it, or where it is another device's by now.
UniqueFd open_block_node_of(DeviceNumber generic, const std::string& sysfs, const std::string& dev);

}  // namespace prh
