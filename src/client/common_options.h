// SPDX-License-Identifier: MIT
// What every command of prhelperctl understands.
#pragma once

#include <chrono>
#include <string>

#include "base/defaults.h"

namespace prh::ctl {

constexpr char kProgramName[] = "prhelperctl";

/// A device answers in milliseconds, one that fails over to another path in seconds.
constexpr std::chrono::seconds kDefaultTimeout{60};

struct CommonOptions {
    std::string socket = kDefaultSocketPath;
    std::string control = kDefaultControlPath;       ///< understood by tools that ask it
    std::chrono::seconds timeout = kDefaultTimeout;  ///< zero: wait for ever
    bool json = false;
    bool verbose = false;
};

}  // namespace prh::ctl
