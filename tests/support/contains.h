// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace prh::test {

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace prh::test
