// SPDX-License-Identifier: MIT
// For ProcessOptions::before_exec: the program is started by an ordinary user.
#pragma once

#include <string>

#include "support/environment.h"

namespace prh::test {

/// Why another user cannot run the programs of this build; empty if he can.
std::string obstacle_to_others();

constexpr unsigned kNobody = 65534;  ///< user and group of that name on Debian

/// User and group nobody, no capabilities.
void become_nobody();
/// The same with one supplementary group.
void become_nobody_in_group(unsigned group);
/// The first with CAP_SYS_RAWIO alone, and as systemd's AmbientCapabilities= gives it.
void become_nobody_with_rawio();

}  // namespace prh::test

/// At the start of a test that runs a program as another user.
#define PRH_NEEDS_OTHER_USERS()                                         \
    do {                                                                \
        const std::string obstacle = ::prh::test::obstacle_to_others(); \
        if (!obstacle.empty()) PRH_CANNOT_RUN(obstacle);                \
    } while (false)
