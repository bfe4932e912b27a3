// SPDX-License-Identifier: MIT
#include "multipath/record_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include "base/errno.h"
#include "multipath/record_store.h"

namespace prh {
namespace {

constexpr std::string_view kWhat = "state directory";

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Result<std::vector<RecordFile>> list_records(FdRef directory) {
    // A description of its own: the position is in it.
    UniqueFd own(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!own.valid()) return fail_errno(kWhat, errno);
    const std::unique_ptr<DIR, CloseDirectory> opened(::fdopendir(own.get()));
    if (!opened) return fail_errno(kWhat, errno);
    static_cast<void>(own.release());
    std::vector<RecordFile> files;
    for (;;) {
        errno = 0;  // the end is no error
        const dirent* const entry = ::readdir(opened.get());
        if (entry == nullptr && errno != 0) return fail_errno(kWhat, errno);
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (!name.ends_with(kRecordSuffix)) continue;
        struct stat status;
        const int failed = ::fstatat(directory.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW);
        if (failed != 0 && !is_missing(errno)) return fail_errno(name, errno);
        if (failed != 0 || !S_ISREG(status.st_mode)) continue;
        files.push_back({std::string(name), status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec});
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return files;
}

Result<std::optional<MapRecord>> peek_at_record(FdRef directory, const std::string& name) {
    const UniqueFd file(
        ::openat(directory.get(), name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    if (!file.valid() && is_transient(errno)) return fail_errno(name, errno);
    std::string text;
    std::array<char, 4096> buffer;
    while (file.valid()) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0) return fail_errno(name, errno);
        if (count == 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return MapRecord::parse(text);
}

}  // namespace prh
