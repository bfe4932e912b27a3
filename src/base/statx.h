// SPDX-License-Identifier: MIT
// statx(2), also where the C library has no function for it (musl before 1.2.5).
#pragma once

#include <sys/stat.h>

#ifndef STATX_TYPE
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

inline int statx(int directory, const char* path, int flags, unsigned mask, struct statx* status) {
    return static_cast<int>(::syscall(SYS_statx, directory, path, flags, mask, status));
}
#endif
