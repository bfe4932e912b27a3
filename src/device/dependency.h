// SPDX-License-Identifier: MIT
// What a device needs beside its disks, such as multipathd, and whether it can be reached now: only the
// process that needs it knows, since another one may be in other namespaces. For those who ask what is wrong.
#pragma once

#include <string>

namespace prh {

struct Dependency {
    std::string name;     ///< "multipathd"
    std::string state;    ///< "connected", "asked" (an answer is awaited), "silent", "unreachable"
    std::string problem;  ///< why it is not connected; empty where it is
};

}  // namespace prh
