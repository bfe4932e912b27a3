// SPDX-License-Identifier: MIT
// Attributes of sysfs. The kernel answers them itself: reading one never waits for a device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace prh {

/// The first line; nothing where there is no such attribute. An error: it cannot be read now.
Result<std::optional<std::string>> read_sysfs_attribute(const std::string& path);
/// The same for a caller that can do without it: nothing also where it cannot be read.
std::optional<std::string> sysfs_attribute(const std::string& path);

/// The paths of all that is in a directory; none where there is no such directory. An error: it cannot be
/// read now, or not to its end.
Result<std::vector<std::string>> list_sysfs(const std::string& directory);
/// The same for a caller that can do with less: what could be read of it.
std::vector<std::string> sysfs_entries(const std::string& directory);

/// A binary attribute as it is, such as a VPD page; nothing also if it is longer than any VPD page.
std::optional<std::vector<std::uint8_t>> sysfs_bytes(const std::string& path);

}  // namespace prh
