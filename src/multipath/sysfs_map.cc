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

std::string SysfsMap::alias() const { return sysfs_attribute(directory_ + "/dm/name").value_or(""); }

std::string SysfsMap::title() const {
    const std::string alias = this->alias();
    return alias.empty() ? kernel_name() : fmt::format("{} ({})", kernel_name(), alias);
}

std::vector<std::string> SysfsMap::path_names() const {
    std::error_code error;
    return path_names(error);
}

std::vector<std::string> SysfsMap::path_names(std::error_code& error) const {
    std::vector<std::string> names;
    for (const std::string& slave : sysfs_entries(directory_ + "/slaves", error))
        names.push_back(slave.substr(slave.rfind('/') + 1));
    std::sort(names.begin(), names.end());
    return names;
}

SysfsDisk SysfsMap::path(const std::string& name) const {
    return SysfsDisk(root_, fmt::format("{}/slaves/{}", directory_, name));
}

std::vector<MultipathNode> multipath_maps(const std::string& root) {
    std::vector<MultipathNode> maps;
    for (const std::string& entry : sysfs_entries(root + "/block")) {
        if (!entry.substr(entry.rfind('/') + 1).starts_with("dm-")) continue;
        auto uuid = sysfs_attribute(entry + "/dm/uuid");
        auto number = sysfs_attribute(entry + "/dev");
        if (uuid && number && uuid->starts_with(kMultipathUuid))
            maps.push_back({*std::move(number), *std::move(uuid)});
    }
    return maps;
}

}  // namespace prh
