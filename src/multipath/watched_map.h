// SPDX-License-Identifier: MIT
// The paths of one map as the watch sees them: which there are, and which the kernel calls running. Reads
// sysfs and nothing else: no command, no node.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "multipath/sysfs_map.h"

namespace prh {

class WatchedMap {
  public:
    explicit WatchedMap(SysfsMap map) : map_(std::move(map)) {}

    struct Path {
        std::string name;     ///< "sda"
        std::string number;   ///< "8:0"
        bool unsure = false;  ///< new, or away until now, since settle()
    };

    struct Look {
        bool changed = false;  ///< a path came, went, is running again or no longer; not the first time
        Status complete{};     ///< an error: what is new, or the map, could not be looked at now
    };
    Look look();
    /// When it was looked at, a path was not running.
    bool any_away() const;
    /// One of those is running now. Reads their states and nothing else.
    bool any_returned() const;
    /// Those that are running.
    std::vector<Path> running() const;
    /// What is unsure of the paths with these numbers is done with.
    void settle(const std::vector<std::string>& numbers);

  private:
    struct Seen {
        std::string number;
        UniqueFd state;  // kept open: tells of this disk alone, also if another one gets its name
        bool running = false;
        bool unsure = false;
    };

    const SysfsMap map_;
    std::map<std::string, Seen> paths_;  // by name
    bool looked_ = false;
};

}  // namespace prh
