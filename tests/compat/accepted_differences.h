// SPDX-License-Identifier: MIT
// Where this project's helper means to differ from QEMU's, each with a name that doc/compatibility.md uses
// too. This list is the only place that may excuse a difference.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "compat/comparison.h"

namespace prh::test {

/// Texts as glob(7) has them: what was done, what the existing program shows, what ours shows.
struct TextPattern {
    std::string situation;
    std::string existing;
    std::string ours;
};

struct AcceptedDifference {
    std::string name;
    std::string reason;
    /// Whether this is what is seen: exactly the situation that it is about, and both programs as described.
    std::function<bool(const ReplyExchange&)> reply = {};
    std::vector<TextPattern> patterns = {};
    std::function<bool(const TextExchange&)> text = {};
    /// QEMU's last major version that is known to show it; with a later one it need not be seen.
    int shown_until = std::numeric_limits<int>::max();

    bool explains(const ReplyExchange& exchange) const { return reply && reply(exchange); }
    bool explains(const TextExchange& exchange) const;
};

const std::vector<AcceptedDifference>& accepted_differences();

}  // namespace prh::test
