// SPDX-License-Identifier: MIT
// Which files this process can still open, create and remove (Landlock, Linux 5.13 and later).
// Descriptors that it has already, and those that clients send, are not affected.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

struct FileRule {
    enum class Access {
        Read,    ///< open files for reading, list directories
        Remove,  ///< remove sockets and files from the directory
        Keep,    ///< read, create, replace and remove files in the directory
        Append,  ///< open and create files in the directory for writing
    };
    enum class Missing { IsAnError, GivesNothing };
    std::string path;  ///< and everything below it
    Access access = Access::Read;
    Missing missing = Missing::IsAnError;  ///< where the path cannot be opened
    FdRef directory{};                     ///< if valid: this one, whatever has the path
};

/// The version of Landlock that the kernel has in force; 0: none.
int file_confinement_version();

/// From here on this thread, and every one that it starts, reaches what `rules` name and nothing else. Where
/// the kernel has no Landlock nothing is confined: that is no error, the system call filter stands by itself.
/// Needs no_new_privs.
Status confine_files(const std::vector<FileRule>& rules);

}  // namespace prh
