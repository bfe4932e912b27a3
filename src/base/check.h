// SPDX-License-Identifier: MIT
// PRH_CHECK: an invariant of our own code, checked in every build. It can never fail because of a client's or
// a device's bytes.
#pragma once

namespace prh::detail {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}

#define PRH_CHECK(expression) \
    (static_cast<bool>(expression) ? void() : ::prh::detail::check_failed(#expression, __FILE__, __LINE__))
