// SPDX-License-Identifier: MIT
// What the machine that runs the tests can do, and which build is under test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace prh::test {

/// A variable of the environment, or "".
inline std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// The sanitizer in the programs under test: "", "thread" or "address,undefined". A sanitized build runs the
/// integration tests of an ordinary one against its own programs, and says so in PRH_SANITIZER and
/// PRH_PROGRAMS (prh_test).
#ifdef PRH_SANITIZED
inline const std::string_view kSanitizer = PRH_SANITIZED;
#else
inline const std::string_view kSanitizer = variable("PRH_SANITIZER");
#endif
inline const bool kSanitized = !kSanitizer.empty();

/// The path of a program that is under test.
inline std::string built(const std::string& program) {
    const std::string_view programs = variable("PRH_PROGRAMS");
    return std::string(programs.empty() ? PRH_BIN_DIR : programs) + "/" + program;
}

/// The path of a program or a library that belongs to the tests.
inline std::string test_helper(const std::string& name) { return PRH_BIN_DIR "/tests/" + name; }

/// Machines that exist to run tests set CI=true; what is missing there is a fault and no reason to skip.
inline bool in_ci() { return variable("CI") == "true"; }

}  // namespace prh::test

/// Ends the test: it cannot run here. Skipped on a developer's machine, failed in CI.
#define PRH_CANNOT_RUN(reason)                        \
    do {                                              \
        if (::prh::test::in_ci()) FAIL() << (reason); \
        GTEST_SKIP() << (reason);                     \
    } while (false)
