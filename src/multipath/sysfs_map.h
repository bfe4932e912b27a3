// SPDX-License-Identifier: MIT
// What sysfs says of one dm-multipath map: no device-mapper ioctl, which would need CAP_SYS_ADMIN.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/descriptor_kind.h"
#include "multipath/sysfs_disk.h"

namespace prh {

/// What the uuid of a dm-multipath map begins with; its WWID follows.
inline constexpr std::string_view kMultipathUuid = "mpath-";

class SysfsMap {
  public:
    /// `root`: "/sys"; `number`: "254:3".
    SysfsMap(std::string root, std::string number);

    const std::string& number() const { return number_; }
    /// "dm-3", as multipathd and the kernel's log call it: device-mapper numbers its disks by their minor.
    std::string kernel_name() const;
    std::optional<std::string> uuid() const;  ///< "mpath-" and the WWID
    /// Whether its number is still this map's. An error: that cannot be read now.
    Result<bool> is_map(const std::string& uuid) const;
    std::string alias() const;  ///< "mpatha"; empty where there is none
    std::string title() const;  ///< "dm-3 (mpatha)", for messages

    /// Kernel names of all its paths ("sda"), sorted; none where there is no such map. An error: they cannot
    /// be read now.
    Result<std::vector<std::string>> path_names() const;
    SysfsDisk path(const std::string& name) const;

  private:
    std::string root_;
    std::string number_;
    std::string directory_;
};

/// Every dm-multipath map of the host, as its number and uuid. An error: they cannot be read now.
Result<std::vector<MultipathNode>> multipath_maps(const std::string& root);

}  // namespace prh
