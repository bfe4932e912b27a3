// SPDX-License-Identifier: MIT
// QEMU's program, to which ours is compared: where it is on this machine, and which version.
#pragma once

#include <string>

namespace prh::test {

struct ExistingProgram {
    std::string path;
    int major_version = 0;
    std::string problem;   ///< why nothing can be compared to it; empty if it can
    bool missing = false;  ///< the problem is that there is none
};

/// The one that QEMU_PR_HELPER names; else Debian's, also where a package of ours diverted it. Never our own.
const ExistingProgram& existing_program();

}  // namespace prh::test
