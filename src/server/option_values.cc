// SPDX-License-Identifier: MIT
#include "server/option_values.h"

#include <fmt/format.h>

#include <charconv>

namespace prh {

std::optional<std::uint32_t> parse_number(std::string_view text, int base) {
    std::uint32_t value = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || stopped != text.data() + text.size()) return std::nullopt;
    return value;
}

OptionError take_number(std::string_view option, const std::string& value, std::uint32_t least,
                        std::uint32_t most, std::size_t& into) {
    const auto number = parse_number(value);
    if (!number || *number < least || *number > most)
        return fmt::format("invalid --{} '{}': give a number from {} to {}", option, value, least, most);
    into = *number;
    return std::nullopt;
}

OptionError take_seconds(std::string_view option, const std::string& value, std::uint32_t most,
                         std::chrono::milliseconds& into) {
    const auto seconds = parse_number(value);
    if (!seconds || *seconds == 0 || *seconds > most)
        return fmt::format("invalid --{} '{}': give whole seconds, from 1 to {}", option, value, most);
    into = std::chrono::seconds(*seconds);
    return std::nullopt;
}

}  // namespace prh
