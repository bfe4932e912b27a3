// SPDX-License-Identifier: MIT
// What /proc tells everybody of the helper's process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prh::ctl {

/// Of one thread: rights belong to threads.
struct ThreadRights {
    std::uint64_t effective = 0;  ///< capabilities, a bit for each
    std::uint64_t permitted = 0;
    bool no_new_privileges = false;
    bool filtered = false;  ///< its system calls, by seccomp

    friend bool operator==(const ThreadRights&, const ThreadRights&) = default;
};

struct HelperProcess {
    pid_t pid = 0;
    std::string name;  ///< the kernel's, of at most fifteen characters
    std::vector<ThreadRights> threads;
    std::vector<std::string> command_line;
    std::string unit;  ///< "qemu-pr-helper.service"; empty where systemd did not start it
};

/// /proc/PID/status, or that of one of its tasks; nothing if a line is missing.
std::optional<ThreadRights> parse_thread_rights(std::string_view status);
/// The service of /proc/PID/cgroup; empty where there is none.
std::string parse_unit(std::string_view cgroup);

/// Nothing where it is gone, or in no namespace of ours.
std::optional<HelperProcess> helper_process(pid_t pid, const std::string& proc = "/proc");

}  // namespace prh::ctl
