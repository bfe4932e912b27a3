// SPDX-License-Identifier: MIT
// Values of long options: each function takes one or says what is wrong with it, in the words that are
// printed.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace prh {

/// What is wrong, in one line; nothing if the value was taken.
using OptionError = std::optional<std::string>;

/// The whole of `text` as a number of that base.
std::optional<std::uint32_t> parse_number(std::string_view text, int base = 10);

/// A decimal number from `least` to `most`. `option` is named without its dashes.
OptionError take_number(std::string_view option, const std::string& value, std::uint32_t least,
                        std::uint32_t most, std::size_t& into);
/// Whole seconds, from 1 to `most`.
OptionError take_seconds(std::string_view option, const std::string& value, std::uint32_t most,
                         std::chrono::milliseconds& into);

/// One of several words.
template <class Choice>
OptionError take_choice(std::string_view option, const std::string& value,
                        std::initializer_list<std::pair<std::string_view, Choice>> choices, Choice& into) {
    std::string offered;
    std::size_t left = choices.size();
    for (const auto& [word, choice] : choices) {
        if (value == word) {
            into = choice;
            return std::nullopt;
        }
        --left;
        offered += std::string(word) + (left > 1 ? ", " : left == 1 ? " or " : "");
    }
    return "invalid --" + std::string(option) + " '" + value + "': give " + offered;
}

}  // namespace prh
