// SPDX-License-Identifier: MIT
// Attributes of sysfs. The kernel answers them itself: reading one never waits for a device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace prh {

/// The first line; nothing where the attribute is missing or cannot be read.
std::optional<std::string> sysfs_attribute(const std::string& path);

/// The paths of what is in a directory; what could be read of it, if it cannot be read to the end.
std::vector<std::string> sysfs_entries(const std::string& directory);
std::vector<std::string> sysfs_entries(const std::string& directory, std::error_code& error);

/// A binary attribute as it is, such as a VPD page; nothing also if it is longer than any VPD page.
std::optional<std::vector<std::uint8_t>> sysfs_bytes(const std::string& path);

}  // namespace prh
