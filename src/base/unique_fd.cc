// SPDX-License-Identifier: MIT
#include "base/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace prh {

void UniqueFd::reset() {
    if (fd_ < 0) return;
    const int saved = errno;
    ::close(std::exchange(fd_, -1));  // EINTR included: Linux has released the descriptor (close(2), NOTES)
    errno = saved;
}

}  // namespace prh
