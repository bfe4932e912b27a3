// SPDX-License-Identifier: MIT
// What the machine that runs the tests can do, and what the build makes meaningless.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace prh::test {

#ifdef PRH_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// Machines that exist to run tests set CI=true; what is missing there is a fault and no reason to skip.
inline bool in_ci() {
    const char* const value = std::getenv("CI");
    return value != nullptr && std::string_view(value) == "true";
}

}  // namespace prh::test

/// Ends the test: it cannot run here. Skipped on a developer's machine, failed in CI.
#define PRH_CANNOT_RUN(reason)                        \
    do {                                              \
        if (::prh::test::in_ci()) FAIL() << (reason); \
        GTEST_SKIP() << (reason);                     \
    } while (false)
