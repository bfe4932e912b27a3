// SPDX-License-Identifier: MIT
// Where the daemon and its companions meet when nobody says otherwise: the places of the existing
// qemu-pr-helper, which libvirt, systemd units and scripts know.
#pragma once

namespace prh {

constexpr char kDefaultSocketPath[] = "/var/run/qemu-pr-helper.sock";
constexpr char kDefaultPidFilePath[] = "/var/run/qemu-pr-helper.pid";
/// Where the shipped systemd units have the control socket (--control), and prhelperctl looks for it.
constexpr char kDefaultControlPath[] = "/run/qemu-pr-helper/control";

}  // namespace prh
