// SPDX-License-Identifier: MIT
#include "ctl/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "wire/protocol.h"

namespace prh::ctl {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kByteSeparators = ", \t";

tl::unexpected<std::string> refuse(std::string message) {
    return tl::unexpected<std::string>(std::move(message));
}

std::optional<std::uint64_t> number(std::string_view digits, int base) {
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value, base);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> hexadecimal_number(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    return number(text, 16);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// "6,0,0,c5" and "6 0 0 c5" as "060000c5"; nothing if a part has more than two digits.
std::optional<std::string> joined_bytes(std::string_view list) {
    std::string digits;
    while (!list.empty()) {
        const std::string_view byte = list.substr(0, list.find_first_of(kByteSeparators));
        if (byte.empty() || byte.size() > 2) return std::nullopt;
        if (byte.size() == 1) digits += '0';
        digits += byte;
        list.remove_prefix(byte.size());
        if (list.empty()) break;
        list.remove_prefix(1);
        if (list.empty()) return std::nullopt;  // it ended with a separator
    }
    return digits;
}

/// The bytes of a TransportID, in hexadecimal, as TransportId::from_string takes them.
std::optional<std::string> transport_id_digits(std::string_view text) {
    std::string digits(text);
    if (text.find_first_of(kByteSeparators) != std::string_view::npos) {
        const std::optional<std::string> joined = joined_bytes(text);
        if (!joined) return std::nullopt;
        digits = *joined;
    }
    constexpr std::size_t kDigits = 2 * TransportId::kFixedSize;
    if (digits.empty()) return std::nullopt;
    if (digits.size() % 2 == 0 && digits.size() < kDigits) digits.append(kDigits - digits.size(), '0');
    return digits;
}

}  // namespace

Parsed<ReservationKey> parse_key(std::string_view text) {
    const std::optional<std::uint64_t> value = hexadecimal_number(text);
    if (!value)
        return refuse(fmt::format(
            "'{}' is not a reservation key: give 1 to 16 hexadecimal digits, for example 123abc", text));
    return ReservationKey{*value};
}

Parsed<ReservationType> parse_type(std::string_view text) {
    const std::optional<std::uint64_t> code = hexadecimal_number(text);
    std::optional<ReservationType> type;
    if (code && *code <= 0x0F) type = reservation_type(static_cast<std::uint8_t>(*code));
    if (!type)
        return refuse(
            fmt::format("'{}' is not a reservation type: give 1 (Write Exclusive), 3 (Exclusive Access), 5 "
                        "or 6 (the same, "
                        "registrants only), 7 or 8 (the same, all registrants)",
                        text));
    return *type;
}

Parsed<std::uint16_t> parse_allocation_length(std::string_view text) {
    const std::optional<std::uint64_t> length = hexadecimal_number(text);
    if (!length || *length > kMaximumDataLength)
        return refuse(
            fmt::format("'{}' is not an allocation length: give a hexadecimal number from 0 to {:x}", text,
                        kMaximumDataLength));
    return static_cast<std::uint16_t>(*length);
}

Parsed<std::uint16_t> parse_relative_target_port(std::string_view text) {
    const std::optional<std::uint64_t> port = hexadecimal_number(text);
    if (!port || *port > 0xFFFF)
        return refuse(fmt::format(
            "'{}' is not a relative target port identifier: give a hexadecimal number from 0 to ffff", text));
    return static_cast<std::uint16_t>(*port);
}

Parsed<std::chrono::seconds> parse_timeout(std::string_view text) {
    constexpr std::uint64_t kDay = 86400;
    const std::optional<std::uint64_t> seconds = number(text, 10);
    if (!seconds || *seconds > kDay)
        return refuse(
            fmt::format("'{}' is not a number of seconds: give 1 to {}, or 0 to wait for ever", text, kDay));
    return std::chrono::seconds(*seconds);
}

Parsed<TransportId> parse_transport_id(std::string_view text) {
    std::optional<TransportId> id = TransportId::from_string(text);
    if (!id) {  // "SAS,5000C50005B32001"
        std::string lowered(text);
        std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
        if (const auto comma = lowered.find(','); comma == 3) id = TransportId::from_string(lowered);
    }
    if (!id)
        if (const std::optional<std::string> digits = transport_id_digits(text))
            id = TransportId::from_string(*digits);
    if (!id)
        return refuse(fmt::format(
            "'{}' is not a TransportID: give for example sas,5000c50005b32001, fcp,10000000c9f3a571, "
            "iqn.2001-04.com.example:host, iqn.2001-04.com.example:host,i,0x1234567890ab, or its bytes in "
            "hexadecimal (6,0,0,0,50,0,c5,0,5,b3,20,1)",
            text));
    return *id;
}

Parsed<std::vector<TransportId>> parse_transport_id_lines(std::string_view text) {
    std::vector<TransportId> ids;
    for (std::size_t line_number = 1; !text.empty(); ++line_number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line = trim(line.substr(0, line.find('#')));
        if (line.empty()) continue;
        Parsed<TransportId> id = parse_transport_id(line);
        if (!id) return refuse(fmt::format("line {}: {}", line_number, id.error()));
        ids.push_back(std::move(*id));
    }
    if (ids.empty()) return refuse("there is no TransportID in it");
    return ids;
}

}  // namespace prh::ctl
