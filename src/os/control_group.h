// SPDX-License-Identifier: MIT
// What a control group (cgroups(7)) is called: systemd gives every machine and service one of its own, and
// Kubernetes every pod and container.
#pragma once

#include <string>
#include <string_view>

namespace prh {

/// A name by which an administrator knows the processes of the group at `path`, which is relative to the
/// hierarchy's root:
/// - "VM db1": libvirt's machine in /machine.slice/machine-qemu\x2d3\x2ddb1.scope and below;
/// - "pod UID container ID": a container of Kubernetes, by the group that the kubelet makes for its pod with
///   the systemd driver (/kubepods.slice/…) or the cgroupfs driver (/kubepods/…); the first 12 digits of ID;
/// - "unit backup.service": another service or scope of systemd;
/// - empty: none of these.
/// The outermost group that has a name gives it. Who has a group can make further ones below, with any
/// name, and none beside or above it. What is not printable ASCII becomes "?"; at most 85 characters.
std::string name_of_control_group(std::string_view path);

}  // namespace prh
