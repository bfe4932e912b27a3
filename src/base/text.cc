// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace prh {

std::string hexadecimal(ConstBytes bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
    return text;
}

}  // namespace prh
