// SPDX-License-Identifier: MIT
// What a server process can still do, and when it gives up the rest. The stages, in their order:
//
// 0 Options       All the rights it was started with, no client. Reads the command line, looks users and
//                 groups up (which may load any library of the system's), opens trace and audit files.
// 1 Start         confine_start(). No program can be executed, no process traced, no file system or module
//                 touched, no socket but a unix one made. It still binds the socket, writes the pid file,
//                 goes to the background, changes its ids: nothing of it has seen a client's byte.
// 2 Privileges    drop_privileges() (os/privileges.h). CAP_SYS_RAWIO alone is left (nothing in the emulator).
// 3 Service       confine_service(), before the first thread exists, so that every thread has it. It can
//                 serve descriptors that it is sent and look devices up, and nothing else: not bind, not
//                 listen, not fork, not change ids, not make memory executable; ioctl and fcntl only with
//                 the requests that it uses; no file but those that it needs.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "os/file_confinement.h"
#include "os/system_call_filter.h"

namespace prh {

/// Sanitizers make system calls of their own.
#ifdef PRH_SANITIZED
constexpr FilterMode kDefaultFilter = FilterMode::Off;
#else
constexpr FilterMode kDefaultFilter = FilterMode::Enforce;
#endif

/// What the programs need beyond what they have in common.
struct Needs {
    bool rawio = false;                 ///< CAP_SYS_RAWIO
    std::vector<unsigned long> ioctls;  ///< requests on clients' descriptors and on devices
    std::vector<FileRule> files;
};

Status confine_start(FilterMode mode);
/// Also makes the process not dumpable: its memory and /proc/PID/fd are root's, whoever it runs as.
Status confine_service(FilterMode mode, const Needs& needs);

}  // namespace prh
