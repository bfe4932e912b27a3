// SPDX-License-Identifier: MIT
#include "emul/aptpl_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "emul/aptpl_image.h"

namespace prh {
namespace {

constexpr const char* kLockName = "lock";
constexpr mode_t kMode = 0600;

UniqueFd open_at(FdRef directory, const std::string& name, int flags) {
    return UniqueFd(::openat(directory.get(), name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kMode));
}

bool write_all(FdRef file, ConstBytes bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

/// The file's bytes; one more than an image can have where there are too many. False: errno says why.
bool read_all(FdRef file, std::vector<std::uint8_t>& bytes) {
    bytes.resize(kMaximumAptplImage + 1);
    std::size_t length = 0;
    while (length < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + length, bytes.size() - length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        if (count == 0) break;
        length += static_cast<std::size_t>(count);
    }
    bytes.resize(length);
    return true;
}

}  // namespace

AptplStore::AptplStore(std::string path, UniqueFd directory, UniqueFd lock)
    : path_(std::move(path)), directory_(std::move(directory)), lock_(std::move(lock)) {}

Result<AptplStore> AptplStore::open(const std::string& path) {
    std::error_code unknown;  // the working directory was removed
    const std::string directory = std::filesystem::absolute(path, unknown).string();
    UniqueFd opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid()) return fail_errno(fmt::format("cannot open state directory {}", directory), errno);
    UniqueFd lock = open_at(opened.ref(), kLockName, O_RDWR | O_CREAT);
    if (!lock.valid()) return fail_errno(fmt::format("cannot create {}/{}", directory, kLockName), errno);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fail(
                fmt::format("state directory {} is in use by another process: give each its own", directory));
        return fail_errno(fmt::format("cannot lock {}/{}", directory, kLockName), errno);
    }
    return AptplStore(directory, std::move(opened), std::move(lock));
}

std::string AptplStore::file_name(const LogicalUnitIdentity& identity) {
    return fmt::format("{}:{}-{}-{}.{:09}.aptpl", identity.device_major, identity.device_minor,
                       identity.inode, identity.birth_seconds, identity.birth_nanoseconds);
}

Result<AptplState> AptplStore::load(const LogicalUnitIdentity& identity) const {
    const std::string name = file_name(identity);
    const UniqueFd file = open_at(directory_.ref(), name, O_RDONLY | O_NONBLOCK);
    if (!file.valid() && errno == ENOENT) return AptplState{};
    std::vector<std::uint8_t> bytes;
    if (!file.valid() || !read_all(file.ref(), bytes))
        return fail_errno(fmt::format("cannot read {}", in_directory(name)), errno);
    Result<AptplState> state = decode_aptpl_image(identity, bytes);
    if (!state)
        return fail(
            fmt::format("{}: {}; put a good copy in its place, or remove it so that the logical unit "
                        "starts without registrations",
                        in_directory(name), state.error().message));
    return state;
}

Status AptplStore::save(const LogicalUnitIdentity& identity, const AptplState& state) const {
    const std::string name = file_name(identity);
    if (state.registrations.empty()) return remove(name);

    const std::string temporary = name + ".new";
    Status written = write_new(temporary, encode_aptpl_image(identity, state));
    if (written && ::renameat(directory_.get(), temporary.c_str(), directory_.get(), name.c_str()) != 0)
        written = fail_errno(fmt::format("cannot replace {}", in_directory(name)), errno);
    if (!written) {
        ::unlinkat(directory_.get(), temporary.c_str(), 0);
        return written;
    }
    return synchronise();
}

Status AptplStore::write_new(const std::string& name, ConstBytes image) const {
    const UniqueFd file = open_at(directory_.ref(), name, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.valid()) return fail_errno(fmt::format("cannot create {}", in_directory(name)), errno);
    // Durable before the rename: else a power loss could leave the new name with old or no contents.
    if (!write_all(file.ref(), image) || ::fsync(file.get()) != 0)
        return fail_errno(fmt::format("cannot write {}", in_directory(name)), errno);
    return {};
}

Status AptplStore::remove(const std::string& name) const {
    if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
        return fail_errno(fmt::format("cannot remove {}", in_directory(name)), errno);
    return synchronise();  // a file that is gone already may have been removed by a save that failed here
}

Status AptplStore::synchronise() const {
    if (::fsync(directory_.get()) == 0) return {};
    return fail_errno(fmt::format("cannot synchronise {}", path_), errno);
}

}  // namespace prh
