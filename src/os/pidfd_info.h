// SPDX-License-Identifier: MIT
// PIDFD_GET_INFO of <linux/pidfd.h> (Linux 6.13), which the headers of older distributions lack. The system
// call filter names it too.
#pragma once

#include <sys/ioctl.h>

#include <cstdint>

namespace prh {

/// struct pidfd_info as its first version has it (PIDFD_INFO_SIZE_VER0); newer kernels take it.
struct PidfdInfo {
    std::uint64_t mask;
    std::uint64_t cgroup_id;
    std::uint32_t pid, tgid, ppid;
    std::uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
    std::uint32_t spare;
};
static_assert(sizeof(PidfdInfo) == 64);

constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);  // 0xFF: PIDFS_IOCTL_MAGIC
constexpr std::uint64_t kPidfdInfoCgroupId = 1 << 2;                 // PIDFD_INFO_CGROUPID

}  // namespace prh
