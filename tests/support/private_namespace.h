// SPDX-License-Identifier: MIT
// A view of the file system of a program's own, in which it finds a /run, a /dev and a system log that are
// the test's: nothing of the machine is read or touched.
#pragma once

#include <functional>
#include <string>

namespace prh::test {

enum class LogPlace { DevLog, JournalSocket };

/// For ProcessOptions::before_exec: a mount namespace with an empty /run, and a /dev that holds null and a
/// way to `system_log` (a datagram socket's path under /tmp; empty: none). The child ends with kNoNamespace
/// where that is not allowed.
std::function<void()> in_private_namespace(const std::string& system_log = {},
                                           LogPlace place = LogPlace::DevLog);
constexpr int kNoNamespace = 126;

/// Whether this machine lets us have one.
bool can_have_private_namespace();

}  // namespace prh::test
