// SPDX-License-Identifier: MIT
#include "server/timestamp.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace prh {

std::string timestamp(std::chrono::system_clock::time_point time) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
    const std::time_t seconds = us / 1'000'000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(seconds), us % 1'000'000);
}

}  // namespace prh
