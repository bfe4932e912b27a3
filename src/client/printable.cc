// SPDX-License-Identifier: MIT
#include "client/printable.h"

#include <fmt/format.h>

namespace prh::ctl {

std::string printable(std::string_view text) {
    constexpr unsigned char kDelete = 0x7F;
    constexpr unsigned char kLatin1Lead =
        0xC2;  // UTF-8 of U+0080 to U+00BF; U+009B begins a control sequence
    std::string safe;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const auto next = static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : 0);
        if (byte < 0x20 || byte == kDelete) {
            safe += fmt::format("\\x{:02x}", byte);
        } else if (byte == kLatin1Lead && next >= 0x80 && next < 0xA0) {
            safe += fmt::format("\\x{:02x}", next);
            ++at;
        } else {
            safe += text[at];
        }
    }
    return safe;
}

}  // namespace prh::ctl
