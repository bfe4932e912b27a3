// SPDX-License-Identifier: MIT
#include "monitor/replaced_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/unique_fd.h"

namespace prh::ctl {
namespace {

bool write_all(FdRef file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Expected<void> replace_file(const std::string& path, std::string_view text) {
    // Beside it, since a rename does not leave the file system; without ".prom", so that no collector reads
    // it.
    const std::string temporary = fmt::format("{}.{}", path, ::getpid());
    const auto failed = [&](std::string_view what) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return fail(ExitCode::FileError, fmt::format("cannot {} '{}': {}", what, path, std::strerror(error)));
    };
    ::unlink(temporary.c_str());  // of a process that was killed, and whose number is ours now
    constexpr mode_t kReadable = 0644;
    const UniqueFd file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kReadable));
    if (!file.valid())
        return fail(ExitCode::FileError,
                    fmt::format("cannot make '{}': {}", temporary, std::strerror(errno)));
    if (::fchmod(file.get(), kReadable) != 0 || !write_all(file.ref(), text)) return failed("write");
    if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("replace");
    return {};
}

}  // namespace prh::ctl
