// SPDX-License-Identifier: MIT
#include "multipath/multipathd_protocol.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace prh {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\0' || text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    return text;
}

bool has_line(std::string_view text, std::string_view wanted) {
    while (true) {
        const std::size_t end = text.find('\n');
        if (text.substr(0, end) == wanted) return true;
        if (end == std::string_view::npos) return false;
        text.remove_prefix(end + 1);
    }
}

/// To a command that it does not have, multipathd replies with the list of those that it has.
bool is_help(std::string_view text) {
    return text.find(": not found") != std::string_view::npos ||
           text.find("CLI commands reference") != std::string_view::npos;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> multipathd_frame(std::string_view command) {
    const std::uint64_t length = command.size() + 1;
    if (length > kMultipathdLongestCommand) return std::nullopt;
    std::vector<std::uint8_t> frame(kMultipathdLength + length);
    std::memcpy(frame.data(), &length, kMultipathdLength);
    std::copy(command.begin(), command.end(), frame.begin() + kMultipathdLength);
    return frame;
}

std::optional<std::size_t> multipathd_reply_length(ConstBytes length) {
    if (length.size() != kMultipathdLength) return std::nullopt;
    std::uint64_t value = 0;
    std::memcpy(&value, length.data(), kMultipathdLength);
    if (value == 0 || value > kMultipathdLongestReply) return std::nullopt;
    return static_cast<std::size_t>(value);
}

MultipathdAnswer multipathd_answer(std::string_view reply) {
    const std::string_view text = trimmed(reply);
    if (text == "ok") return MultipathdAnswer::Ok;
    // Alone up to 0.9.7, after a line "fail" since then.
    if (text.find("permission deny") != std::string_view::npos) return MultipathdAnswer::PermissionDenied;
    if (has_line(text, "timeout")) return MultipathdAnswer::Busy;
    return is_help(text) ? MultipathdAnswer::NotUnderstood : MultipathdAnswer::Refused;
}

MultipathdKey multipathd_key(std::string_view reply) {
    constexpr std::string_view kPrefix = "0x";
    constexpr std::string_view kAptpl = ":aptpl";
    const std::string_view text = trimmed(reply);
    if (text == "none") return {};
    if (!text.starts_with(kPrefix)) {
        // "ok" would be no answer to this question.
        const MultipathdAnswer answer = multipathd_answer(text);
        return {answer == MultipathdAnswer::Ok ? MultipathdAnswer::Refused : answer, std::nullopt};
    }
    PathManager::Key key;
    std::string_view digits = text.substr(kPrefix.size());
    key.aptpl = digits.ends_with(kAptpl);
    if (key.aptpl) digits.remove_suffix(kAptpl.size());
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, key.value.value, 16);
    if (error != std::errc{} || stopped != end) return {MultipathdAnswer::Refused, std::nullopt};
    if (key.value.is_zero()) return {};
    return {MultipathdAnswer::Ok, key};
}

bool multipathd_tells_state(std::string_view reply) {
    const std::string_view text = trimmed(reply);
    // Digits up to 0.9.4.
    for (const std::string_view state : {"set", "unset", "unknown", "0", "1"})
        if (text == state) return true;
    return false;
}

}  // namespace prh
