// SPDX-License-Identifier: MIT
#include "multipath/record_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/errno.h"

namespace prh {
namespace {

constexpr mode_t kRecordMode = 0600;
constexpr std::size_t kLongestFile = (1U << 20) + 1;  // more than any record, so that a longer one is refused

/// Longer than a request takes whose path hangs (--path-timeout and a second), shorter than guests wait.
constexpr std::chrono::seconds kLockPatience{20};
constexpr std::chrono::milliseconds kLongestPause{32};

UniqueFd open_at(FdRef directory, const std::string& name, int flags) {
    return UniqueFd(::openat(directory.get(), name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kRecordMode));
}

Status write_all(FdRef file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(std::strerror(errno));
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

FileRecordStore::FileRecordStore(StateDirectory& directory, std::string_view uuid, std::string title,
                                 std::function<void(std::string_view)> report)
    : directory_(directory), name_(file_name(uuid)), title_(std::move(title)), report_(std::move(report)) {}

std::string FileRecordStore::file_name(std::string_view uuid) {
    std::string name;
    for (const char c : uuid) {
        const bool plain =
            std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
        name += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    // 128 characters (DM_UUID_LEN), each three times as long, would not fit NAME_MAX; a clash of what is cut
    // needs two uuids that are alike in their first 200 characters.
    constexpr std::size_t kLongestName = 200;
    return name.substr(0, kLongestName).append(kRecordSuffix);
}

Status FileRecordStore::lock() { return lock_for(kLockPatience); }

Status FileRecordStore::try_lock() { return lock_for(std::chrono::milliseconds(0)); }

Status FileRecordStore::lock_for(std::chrono::milliseconds patience) {
    const auto directory = directory_.get();
    if (!directory) return report_unlockable(directory.error());
    if (!*directory) return {};
    UniqueFd file = open_at((*directory)->ref(), name_ + ".lock", O_RDWR | O_CREAT);
    if (!file.valid() && is_transient(errno))
        return report_unlockable({fmt::format("open: {}", std::strerror(errno)), errno});
    unlockable_told_ = false;
    if (!file.valid()) return {};  // a full or read-only file system, which save() reports
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto pause = std::chrono::milliseconds(1);
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("flock", errno);
        if (std::chrono::steady_clock::now() >= deadline) return fail("another process holds it");
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kLongestPause);
    }
    lock_ = std::move(file);
    return {};
}

Status FileRecordStore::report_unlockable(Error error) {
    if (!std::exchange(unlockable_told_, true))
        report_(fmt::format(
            "multipath map {}: {}/{}.lock cannot be opened: {}; reservation commands for this map "
            "are answered with BUSY until it can{}",
            title_, directory_.path(), name_, error.message, remedy_of(error.code)));
    return tl::unexpected<Error>(std::move(error));
}

Result<std::optional<MapRecord>> FileRecordStore::load() {
    const auto directory = directory_.get();
    if (directory && !*directory) return std::nullopt;
    Result<Contents> contents =
        directory ? read((*directory)->ref()) : tl::unexpected<Error>(directory.error());
    if (!contents) {
        if (!std::exchange(unreadable_told_, true))
            report_(
                fmt::format("multipath map {}: {}/{} cannot be read: {}; reservation commands for this map "
                            "fail until it can{}",
                            title_, directory_.path(), name_, contents.error().message,
                            remedy_of(contents.error().code)));
        return tl::unexpected<Error>(std::move(contents).error());
    }
    unreadable_told_ = false;
    if (contents->defect.empty()) {
        if (contents->text.empty()) return std::nullopt;
        if (auto record = MapRecord::parse(contents->text)) return record;
        contents->defect = "it is no whole record of this program";
    }
    put_aside((*directory)->ref(), contents->defect);
    return std::nullopt;
}

void FileRecordStore::put_aside(FdRef directory, std::string_view why) const {
    const std::string aside = name_ + ".bad";
    const bool moved = ::renameat(directory.get(), name_.c_str(), directory.get(), aside.c_str()) == 0;
    report_(fmt::format("multipath map {}: {}/{} is not used: {}; {}", title_, directory_.path(), name_, why,
                        moved ? fmt::format("it is now {}", aside) : "it could not be put aside"));
}

Result<FileRecordStore::Contents> FileRecordStore::read(FdRef directory) const {
    const UniqueFd file = open_at(directory, name_, O_RDONLY | O_NONBLOCK);
    if (!file.valid() && errno == ENOENT) return Contents{};
    if (!file.valid() && errno == ELOOP) return Contents{{}, "it is a symbolic link"};
    // Any other error (EMFILE, ENFILE, ENOMEM, EIO) says nothing of the record.
    struct stat status;
    if (!file.valid() || ::fstat(file.get(), &status) != 0) return fail_errno("open", errno);
    if (!S_ISREG(status.st_mode)) return Contents{{}, "it is no regular file"};
    if (status.st_uid != ::geteuid())
        return Contents{{}, fmt::format("it belongs to user {}", status.st_uid)};
    std::string text;
    std::array<char, 4096> buffer;
    while (text.size() < kLongestFile) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("read", errno);
        if (count == 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    if (text.empty()) return Contents{{}, "it is empty"};
    return Contents{std::move(text), {}};
}

bool FileRecordStore::save(const MapRecord& record) {
    const auto found = directory_.get();
    if (found && !*found) return false;
    Status saved = found ? save_in((*found)->ref(), record) : tl::unexpected<Error>(found.error());
    if (saved) {
        failure_told_ = false;
        return true;
    }
    if (!failure_told_.exchange(true))
        report_(fmt::format(
            "multipath map {}: {}/{} cannot be written: {}; if this program is killed in the middle "
            "of a command, the next start does not know what is to be completed",
            title_, directory_.path(), name_, saved.error().message));
    return false;
}

Status FileRecordStore::save_in(FdRef directory, const MapRecord& record) const {
    if (record != MapRecord{}) {
        if (Status written = write(directory, record.to_text()); !written) return written;
    } else if (::unlinkat(directory.get(), name_.c_str(), 0) != 0 && errno != ENOENT) {
        return fail(std::strerror(errno));
    }
    // Else a power loss could bring any former record back. Costs nothing in /run, as that of the contents.
    if (::fsync(directory.get()) != 0) return fail(std::strerror(errno));
    return {};
}

Status FileRecordStore::write(FdRef directory, const std::string& text) const {
    const std::string temporary = name_ + ".new";
    // Nothing of what may lie there is written through: it is made anew.
    ::unlinkat(directory.get(), temporary.c_str(), 0);
    const UniqueFd file = open_at(directory, temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.valid()) return fail(std::strerror(errno));
    Status written = write_all(file.ref(), text);
    // Before the rename, or a power loss could leave the new name with no contents.
    if (written && ::fdatasync(file.get()) != 0) written = fail(std::strerror(errno));
    if (written && ::renameat(directory.get(), temporary.c_str(), directory.get(), name_.c_str()) != 0)
        written = fail(std::strerror(errno));
    if (!written) ::unlinkat(directory.get(), temporary.c_str(), 0);
    return written;
}

}  // namespace prh
