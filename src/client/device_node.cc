// SPDX-License-Identifier: MIT
#include "client/device_node.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace prh::ctl {

Expected<UniqueFd> open_device(const std::string& path, bool readonly) {
    const int access = readonly ? O_RDONLY : O_RDWR;
    UniqueFd device(::open(path.c_str(), access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (device.valid()) return device;
    const int error = errno;
    const bool refused = error == EACCES || error == EROFS || error == EPERM;
    return fail(ExitCode::FileError,
                fmt::format("cannot open '{}'{}: {}{}", path, readonly ? "" : " for reading and writing",
                            std::strerror(error),
                            refused && !readonly ? " (PERSISTENT RESERVE OUT needs both)" : ""));
}

}  // namespace prh::ctl
