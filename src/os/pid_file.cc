// SPDX-License-Identifier: MIT
#include "os/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace prh {
namespace {

bool same_file(const struct stat& one, const struct stat& other) {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

Result<PidFile> PidFile::create(const std::string& path) {
    for (;;) {
        // O_NONBLOCK: a FIFO in the file's place must not hold the start up
        UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
        if (!file.valid()) {
            if (errno == ELOOP) return fail("Could not create '" + path + "': it is a symbolic link");
            return fail_errno("Could not create '" + path + "'", errno);
        }
        struct stat ours;
        if (::fstat(file.get(), &ours) != 0) return fail_errno("Cannot stat file", errno);
        if (!S_ISREG(ours.st_mode))
            return fail("Could not create '" + path + "': it exists and is no regular file");
        // Of the open file description, not of the process: that one would go as soon as we close any other
        // descriptor of the file, such as one that a client sent (fcntl(2)). Either kind keeps out the other.
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) return fail_errno("Cannot lock pid file", errno);
        // Whoever held the lock before may have removed the file on its way out: then another one is at the
        // path now.
        struct stat there;
        if (::lstat(path.c_str(), &there) != 0 || !same_file(ours, there)) continue;
        if (::ftruncate(file.get(), 0) != 0) return fail_errno("Failed to truncate pid file", errno);
        const std::string text = std::to_string(::getpid()) + "\n";
        if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            return fail_errno("Failed to write pid file", errno);
        return PidFile(std::filesystem::absolute(path), std::move(file));  // the working directory may change
    }
}

PidFile::PidFile(PidFile&& other) noexcept : path_(std::move(other.path_)), file_(std::move(other.file_)) {
    other.path_.clear();
}

PidFile::~PidFile() {
    struct stat ours, there;
    if (path_.empty() || ::fstat(file_.get(), &ours) != 0 || ::lstat(path_.c_str(), &there) != 0) return;
    if (same_file(ours, there))
        ::unlink(path_.c_str());  // without the right to (after -u) a stale file stays: the lock decides
}

}  // namespace prh
