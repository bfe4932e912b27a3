// SPDX-License-Identifier: MIT
// The life of a server process in stages, from the options to the exit code. Each stage either succeeds or
// ends the start with one line on stderr, exit code 1, and nothing left behind.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "device/reservation_device.h"
#include "observe/log.h"
#include "observe/trace.h"
#include "server/options.h"

namespace prh {

/// "qemu-pr-helper" of "/usr/bin/qemu-pr-helper": what messages begin with.
std::string program_name(const char* argv0);

/// Serves `device` until a signal ends it; returns the exit code. `listen_fds`: of take_listen_fds(), which
/// must be asked before anything is opened, or what is opened takes the place of a descriptor that was
/// promised and not passed. `while_privileged`: what the device takes while the process has all the rights
/// that it was started with, and one thread; `needs`: what it needs afterwards.
int run_service(
    const char* argv0, const Result<unsigned>& listen_fds, const Options& options, ReservationDevice& device,
    Log& log, Trace& trace, const Needs& needs, const std::function<void()>& while_privileged = [] {});

}  // namespace prh
