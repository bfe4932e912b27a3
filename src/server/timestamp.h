// SPDX-License-Identifier: MIT
// A moment as it is written for programs and people: UTC, with microseconds (RFC 3339).
#pragma once

#include <chrono>
#include <string>

namespace prh {

std::string timestamp(std::chrono::system_clock::time_point time);  ///< "2026-01-31T12:00:00.000042Z"

}  // namespace prh
