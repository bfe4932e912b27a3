// SPDX-License-Identifier: MIT
// Figures as a person reads them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client/histogram.h"

namespace prh::ctl {

std::string duration(std::uint64_t us);      ///< "812 us", "1.5 ms", "12.3 s", "4 min 5 s", "3 d 2 h"
std::string duration(const Estimate& time);  ///< "> 30.0 s" where it is beyond the last bound
std::string count_of(std::uint64_t count, std::string_view noun);  ///< "1 path", "2 paths"
std::string who(std::string_view name, std::int64_t pid);          ///< "VM db1 (pid 7)", "pid 7"

}  // namespace prh::ctl
