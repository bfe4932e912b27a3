// SPDX-License-Identifier: MIT
// Processes with another one's ids: what they may do to it, says whether the kernel protects it from its
// like.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace prh::test {

/// What becomes of opening the memory of `pid`, "done" or an error's text, for a process with the same ids
/// and with every capability but those that ignore whose a file is, and whether a process is dumpable
/// (ptrace(2), access mode checking).
std::string memory_opened_by_its_like(pid_t pid);

/// For ProcessOptions::before_exec: a program with the ids of `pid`, and no capability but CAP_SYS_RAWIO.
std::function<void()> becoming_like(pid_t pid);

}  // namespace prh::test
