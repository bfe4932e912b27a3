// SPDX-License-Identifier: MIT
#include "client/words.h"

#include <fmt/format.h>

namespace prh::ctl {

std::string duration(std::uint64_t us) {
    constexpr std::uint64_t kMillisecond = 1000, kSecond = 1000 * kMillisecond, kMinute = 60 * kSecond,
                            kHour = 60 * kMinute, kDay = 24 * kHour;
    if (us < kMillisecond) return fmt::format("{} us", us);
    if (us < kSecond) return fmt::format("{:.1f} ms", static_cast<double>(us) / kMillisecond);
    if (us < kMinute) return fmt::format("{:.1f} s", static_cast<double>(us) / kSecond);
    if (us < kHour) return fmt::format("{} min {} s", us / kMinute, us % kMinute / kSecond);
    if (us < kDay) return fmt::format("{} h {} min", us / kHour, us % kHour / kMinute);
    return fmt::format("{} d {} h", us / kDay, us % kDay / kHour);
}

std::string duration(const Estimate& time) { return (time.beyond ? "> " : "") + duration(time.us); }

std::string count_of(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string who(std::string_view name, std::int64_t pid) {
    return name.empty() ? fmt::format("pid {}", pid) : fmt::format("{} (pid {})", name, pid);
}

}  // namespace prh::ctl
