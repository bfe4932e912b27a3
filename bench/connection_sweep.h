// SPDX-License-Identifier: MIT
// What is measured over the number of open connections, one of which is busy.
#pragma once

#include <string>
#include <vector>

#include "sweep.h"

namespace prh::bench {

/// The curves are the contenders, in their order.
SweepStudy connections_study(const std::string& method);

/// Ascending; few and small in a quick run, which is for checking the program itself.
std::vector<std::size_t> connection_numbers(bool quick);

}  // namespace prh::bench
