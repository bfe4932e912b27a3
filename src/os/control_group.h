// SPDX-License-Identifier: MIT
// What a process is called, told by its control group (cgroups(7)): systemd gives every machine and service
// one of its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace prh {

/// "VM db1" of a group that libvirt made through systemd-machined
/// ("/machine.slice/machine-qemu\x2d3\x2ddb1.scope/libvirt/emulator"), "unit backup.service" of another scope
/// or service, empty where no unit is in it. What is not printable ASCII becomes "?"; at most 85 characters.
std::string name_of_control_group(std::string_view path);

/// Looked for in the groups below `root`, since whoever may read /proc/PID/cgroup may read /proc/kcore too
/// (Landlock knows whole directories). Empty where it is not found.
std::string name_of_process(pid_t process, const std::string& root = "/sys/fs/cgroup");

}  // namespace prh
