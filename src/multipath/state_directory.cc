// SPDX-License-Identifier: MIT
#include "multipath/state_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/errno.h"

namespace prh {
namespace {

constexpr mode_t kDirectoryMode = 0700;

bool is_removed(FdRef directory) {
    struct stat status;
    return ::fstat(directory.get(), &status) == 0 && status.st_nlink == 0;
}

/// Nobody else may put files there, or take ours away.
Status check(FdRef directory, uid_t owner) {
    struct stat status;
    if (::fstat(directory.get(), &status) != 0) return fail(std::strerror(errno));
    if (status.st_uid != owner)
        return fail(
            fmt::format("it belongs to user {}, and this program runs as user {}", status.st_uid, owner));
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return fail("others may write there");
    return {};
}

}  // namespace

Result<UniqueFd> StateDirectory::open() const {
    UniqueFd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory.valid()) return tl::unexpected<Error>(Error{std::strerror(errno), errno});
    return directory;
}

Result<UniqueFd> StateDirectory::open_or_make() const {
    Result<UniqueFd> directory = open();
    if (directory || directory.error().code != ENOENT) return directory;
    if (::mkdir(path_.c_str(), kDirectoryMode) != 0 && errno != EEXIST)
        return tl::unexpected<Error>(Error{std::strerror(errno), errno});
    return open();
}

void StateDirectory::prepare_for(uid_t user) {
    const std::lock_guard lock(mutex_);
    auto directory = open_or_make();
    if (!directory) return;  // get() tells
    if (!check(directory->ref(), user) && !give(directory->ref(), user)) return;
    adopt(*std::move(directory));
}

/// Only an empty one that no process uses changes hands: what lies there is another instance's.
bool StateDirectory::give(FdRef directory, uid_t user) const {
    std::error_code error;
    return ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0 && std::filesystem::is_empty(path_, error) &&
           !error && ::fchown(directory.get(), user, static_cast<gid_t>(-1)) == 0 && check(directory, user);
}

void StateDirectory::adopt(UniqueFd directory) {
    ::flock(directory.get(), LOCK_SH | LOCK_NB);  // in use; see give()
    directory_ = std::make_shared<const UniqueFd>(std::move(directory));
}

Result<std::shared_ptr<const UniqueFd>> StateDirectory::find() {
    const std::lock_guard lock(mutex_);
    if (directory_ && !is_removed(directory_->ref())) return directory_;
    auto directory = open();
    if (!directory && is_transient(directory.error().code)) return unreadable(directory.error().code);
    if (!directory || !check(directory->ref(), ::geteuid())) return nullptr;
    adopt(*std::move(directory));
    return directory_;
}

Result<std::shared_ptr<const UniqueFd>> StateDirectory::get() {
    const std::lock_guard lock(mutex_);
    if (directory_ && !is_removed(directory_->ref())) return directory_;
    directory_.reset();
    auto directory = open_or_make();
    if (!directory && is_transient(directory.error().code)) return unreadable(directory.error().code);
    Status status =
        directory ? check(directory->ref(), ::geteuid()) : tl::unexpected<Error>(directory.error());
    if (status) {
        adopt(*std::move(directory));
    } else if (!std::exchange(reported_, true)) {
        report_(fmt::format(
            "cannot use the state directory {}: {}; if this program is killed in the middle of a command for "
            "a "
            "multipath map, the next start does not know what is to be completed (see --state-dir)",
            path_, status.error().message));
    }
    return directory_;
}

tl::unexpected<Error> StateDirectory::unreadable(int code) const {
    return fail_errno("state directory " + path_, code);
}

}  // namespace prh
