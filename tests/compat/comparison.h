// SPDX-License-Identifier: MIT
// The judge: two observations are equal, or differ in a way that accepted_differences.cc names, or the test
// fails. What is named there and never seen fails too, at the end of a whole run: the list is to stay true.
#pragma once

#include <string>

#include "compat/helper.h"

namespace prh::test {

/// One request, and what each program made of it.
struct ReplyExchange {
    Bytes cdb;
    Injection injection;
    int descriptor;
    ReplyOutcome existing;
    ReplyOutcome ours;
};

/// Anything else that can be observed, as text: exit codes, messages, files, a whole conversation.
struct TextExchange {
    std::string situation;  ///< names what was done; accepted differences refer to it
    std::string existing;
    std::string ours;
};

void compare(const ReplyExchange& exchange);
void compare(const TextExchange& exchange);
/// What compare() would say, without failing: for waiting.
bool equal_or_accepted(const TextExchange& exchange);

}  // namespace prh::test
