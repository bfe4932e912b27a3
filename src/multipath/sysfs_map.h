// SPDX-License-Identifier: MIT
// What sysfs says of one dm-multipath map: no device-mapper ioctl, which would need CAP_SYS_ADMIN.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "multipath/sysfs_disk.h"

namespace prh {

class SysfsMap {
  public:
    /// `root`: "/sys"; `number`: "254:3".
    SysfsMap(std::string root, std::string number);

    const std::string& number() const { return number_; }
    /// "dm-3", as multipathd and the kernel's log call it: device-mapper numbers its disks by their minor.
    std::string kernel_name() const;
    std::optional<std::string> uuid() const;  ///< "mpath-" and the WWID
    std::string alias() const;                ///< "mpatha"; empty where there is none
    std::string title() const;                ///< "dm-3 (mpatha)", for messages

    /// Kernel names of the paths ("sda"), sorted.
    std::vector<std::string> path_names() const;
    SysfsDisk path(const std::string& name) const;

  private:
    std::string root_;
    std::string number_;
    std::string directory_;
};

}  // namespace prh
