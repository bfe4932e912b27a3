// SPDX-License-Identifier: MIT
// A system call that the test wants made inside of a program, once or as often as an argument has values, and
// what came of it: a page of memory that the test shares with the caller inside (system_call_caller.cc).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace prh::test {

/// Environment variable with the path of the file that holds the page.
constexpr const char* kSystemCallVariable = "PRH_SYSTEM_CALL";

constexpr std::size_t kSystemCallArguments = 6;

struct SystemCallPage {
    static constexpr std::size_t kMost = 1 << 16;

    std::uint64_t address = 0;  ///< where the program has the page: arguments that are addresses lie there
    std::atomic<std::uint32_t> wanted = 0;
    std::atomic<std::uint32_t> done = 0;
    long number = 0;
    long arguments[kSystemCallArguments] = {};
    std::size_t count = 1;   ///< how often, at most kMost
    std::size_t swept = 0;   ///< which argument is one more each time
    int errors[kMost] = {};  ///< 0: it was done
    int thread = 0;          ///< who made it
    char texts[2][256] = {};
    char room[1024] = {};  ///< for what a call reads or writes
};

}  // namespace prh::test
