// SPDX-License-Identifier: MIT
// What an error of the kernel (errno) says, and does not say, of the object that was asked for.
#pragma once

#include <cerrno>
#include <string>

namespace prh {

/// It is not there (any more). Any other error says nothing of it: no answer is not "nothing".
inline bool is_missing(int error) {
    return error == ENOENT || error == ENOTDIR || error == ENODEV || error == ENXIO;
}

/// The same call may succeed later.
inline bool is_transient(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO || error == EINTR;
}

/// What an administrator can do, to follow a message ("; raise ..."). Empty where the error does not tell.
inline std::string remedy_of(int error) {
    switch (error) {
        case EMFILE: return "; raise the limit of open files (LimitNOFILE=)";
        case ENFILE: return "; raise the host's limit of open files (sysctl fs.file-max)";
        case ENOMEM: return "; the host is out of memory: free some";
        case EIO: return "; see the kernel's log (journalctl -k)";
        default: return "";
    }
}

}  // namespace prh
