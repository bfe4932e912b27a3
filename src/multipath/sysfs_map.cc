// SPDX-License-Identifier: MIT
#include "multipath/sysfs_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "device/sysfs.h"

namespace prh {

SysfsMap::SysfsMap(std::string root, std::string number)
    : root_(std::move(root)),
      number_(std::move(number)),
      directory_(fmt::format("{}/dev/block/{}", root_, number_)) {}

std::string SysfsMap::kernel_name() const { return "dm-" + number_.substr(number_.find(':') + 1); }

std::optional<std::string> SysfsMap::uuid() const { return sysfs_attribute(directory_ + "/dm/uuid"); }

Result<bool> SysfsMap::is_map(const std::string& uuid) const {
    return read_sysfs_attribute(directory_ + "/dm/uuid").map([&](const auto& now) { return now == uuid; });
}

std::string SysfsMap::alias() const { return sysfs_attribute(directory_ + "/dm/name").value_or(""); }

std::string SysfsMap::title() const {
    const std::string alias = this->alias();
    return alias.empty() ? kernel_name() : fmt::format("{} ({})", kernel_name(), alias);
}

Result<std::vector<std::string>> SysfsMap::path_names() const {
    auto names = list_sysfs(directory_ + "/slaves");
    if (!names) return names;
    for (std::string& slave : *names) slave.erase(0, slave.rfind('/') + 1);
    std::sort(names->begin(), names->end());
    return names;
}

SysfsDisk SysfsMap::path(const std::string& name) const {
    return SysfsDisk(root_, fmt::format("{}/slaves/{}", directory_, name));
}

Result<std::vector<MultipathNode>> multipath_maps(const std::string& root) {
    const auto entries = list_sysfs(root + "/block");
    if (!entries) return tl::unexpected<Error>(entries.error());
    std::vector<MultipathNode> maps;
    for (const std::string& entry : *entries) {
        if (!entry.substr(entry.rfind('/') + 1).starts_with("dm-")) continue;
        auto uuid = read_sysfs_attribute(entry + "/dm/uuid");
        auto number = read_sysfs_attribute(entry + "/dev");
        if (!uuid) return tl::unexpected<Error>(uuid.error());
        if (!number) return tl::unexpected<Error>(number.error());
        if (*uuid && *number && (*uuid)->starts_with(kMultipathUuid))
            maps.push_back({**std::move(number), **std::move(uuid)});
    }
    return maps;
}

}  // namespace prh
