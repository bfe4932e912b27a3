// SPDX-License-Identifier: MIT
#include "emul/initiator_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace prh {
namespace {

constexpr std::size_t kMaximumName = 223 - kInitiatorNamePrefix.size();  // RFC 7143 4.2.7.1: 223 in all
constexpr std::size_t kMaximumEnd = kMaximumName - 18;                   // without "~", the hash and "~"

bool is_control(char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte < 0x20 || byte == 0x7F;
}

std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325;
    for (const char character : text) {
        hash ^= static_cast<unsigned char>(character);
        hash *= 0x100000001B3;
    }
    return hash;
}

std::string shortened(std::string_view file_name) {
    std::string end(file_name.substr(file_name.size() - std::min(file_name.size(), kMaximumEnd)));
    std::replace_if(
        end.begin(), end.end(), [](char character) { return character == ',' || is_control(character); },
        '_');
    return fmt::format("~{:016x}~{}", fnv1a(file_name), end);
}

}  // namespace

TransportId initiator_port_of(std::string_view file_name) {
    const bool fits = file_name.size() <= kMaximumName && !file_name.starts_with('~') &&
                      file_name.find(",i,0x") == std::string_view::npos &&
                      std::none_of(file_name.begin(), file_name.end(), is_control);
    return TransportId::iscsi(std::string(kInitiatorNamePrefix) +
                              (fits ? std::string(file_name) : shortened(file_name)));
}

}  // namespace prh
