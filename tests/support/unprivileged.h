// SPDX-License-Identifier: MIT
// For ProcessOptions::before_exec: the program is started by an ordinary user.
#pragma once

namespace prh::test {

constexpr unsigned kNobody = 65534;  ///< user and group of that name on Debian

/// User and group nobody, no capabilities.
void become_nobody();
/// The same with one supplementary group.
void become_nobody_in_group(unsigned group);
/// The first with CAP_SYS_RAWIO alone, and as systemd's AmbientCapabilities= gives it.
void become_nobody_with_rawio();

}  // namespace prh::test
