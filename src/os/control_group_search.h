// SPDX-License-Identifier: MIT
// Finds the control groups of processes in one pass over the mounted hierarchy (cgroups(7)). /proc/PID/cgroup
// would tell them at once, but Landlock knows whole directories, and a program that may read /proc with
// CAP_SYS_RAWIO may read /proc/kcore.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace prh {

/// What is sought: a group by its id, or the group that holds a process.
struct SoughtGroup {
    std::uint64_t id = 0;  ///< in version 2's hierarchy: its inode; 0: not known
    pid_t process = 0;     ///< where `id` is 0; 0: nothing is sought
    bool found = false;
    std::string path;  ///< "/system.slice/a.service", relative to the hierarchy's root
};

/// Version 2's hierarchy is mounted at `root`, so that ids of groups can be found. Elsewhere systemd's
/// hierarchy of version 1 is looked through (`root`/systemd), by processes.
bool has_unified_hierarchy(const std::string& root);

/// How many groups are looked through.
constexpr int kMostGroups = 20'000;

/// Ends early when everything is found, when `stop` says so, or after `most` groups. Groups near the root
/// come first, and those of users (/user.slice) last: who has groups of its own can make thousands.
void find_control_groups(std::vector<SoughtGroup>& sought, const std::string& root,
                         const std::function<bool()>& stop, int most = kMostGroups);

}  // namespace prh
