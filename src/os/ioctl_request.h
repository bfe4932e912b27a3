// SPDX-License-Identifier: MIT
// The type of ioctl(2)'s request, of which the kernel takes 32 bits.
#pragma once

#include <sys/ioctl.h>

namespace prh {

#ifdef __GLIBC__
using IoctlRequest = unsigned long;
#else
using IoctlRequest = int;  // POSIX and musl
#endif

}  // namespace prh
