// SPDX-License-Identifier: MIT
// What hosts that meet can see of the fact that a map has more than one path: by name, as doc/multipath.md
// ("What two hosts can see") lists it.
#pragma once

#include <string>
#include <string_view>

namespace prh::multipath {

/// The name of the exception that a defect of the explorer falls under; empty: under none.
std::string_view exception_of(const std::string& defect);

}  // namespace prh::multipath
