// SPDX-License-Identifier: MIT
#include "support/recorded_files.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace prh::test {
namespace {

RecordedFiles* recording = nullptr;

bool is_directory(int fd) {
    struct stat status;
    return ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

RecordedFiles::RecordedFiles() { recording = this; }
RecordedFiles::~RecordedFiles() { recording = nullptr; }

bool RecordedFiles::fails() {
    if (calls_++ != failing_) return false;
    errno = code_;
    return true;
}

void RecordedFiles::opened(int fd, const std::string& name, bool cut) {
    files_[fd] = opened_;
    operations_.push_back({FileOperation::Kind::Open, opened_++, cut, name});
}

void RecordedFiles::written(int fd, std::string bytes) {
    operations_.push_back({FileOperation::Kind::Write, files_[fd], false, {}, {}, std::move(bytes)});
}

void RecordedFiles::synchronised(int fd) {
    if (is_directory(fd))
        operations_.push_back({FileOperation::Kind::SyncDirectory});
    else
        operations_.push_back({FileOperation::Kind::SyncFile, files_[fd]});
}

void RecordedFiles::renamed(const std::string& name, const std::string& target) {
    operations_.push_back({FileOperation::Kind::Rename, 0, false, name, target});
}

void RecordedFiles::unlinked(const std::string& name) {
    operations_.push_back({FileOperation::Kind::Unlink, 0, false, name});
}

namespace {

int synchronise(int fd, int (*real)(int)) {
    if (recording == nullptr) return real(fd);
    if (recording->fails()) return -1;
    recording->synchronised(fd);
    return 0;
}

}  // namespace
}  // namespace prh::test

extern "C" {

using prh::test::RecordedFiles;
using prh::test::recording;

int __real_openat(int directory, const char* name, int flags, ...);
ssize_t __real_write(int fd, const void* bytes, size_t count);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_renameat(int from, const char* name, int to, const char* target);
int __real_unlinkat(int directory, const char* name, int flags);

int __wrap_openat(int directory, const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    const bool recorded = recording != nullptr && (flags & O_ACCMODE) != O_RDONLY;
    if (recorded && recording->fails()) return -1;
    const int fd = __real_openat(directory, name, flags, mode);
    if (recorded && fd >= 0) recording->opened(fd, name, (flags & O_TRUNC) != 0);
    return fd;
}

ssize_t __wrap_write(int fd, const void* bytes, size_t count) {
    if (recording == nullptr || !recording->knows(fd)) return __real_write(fd, bytes, count);
    if (recording->fails()) return -1;
    const ssize_t written = __real_write(fd, bytes, std::min(count, RecordedFiles::kLongestWrite));
    if (written > 0)
        recording->written(fd, {static_cast<const char*>(bytes), static_cast<std::size_t>(written)});
    return written;
}

int __wrap_fsync(int fd) { return prh::test::synchronise(fd, __real_fsync); }
int __wrap_fdatasync(int fd) { return prh::test::synchronise(fd, __real_fdatasync); }

int __wrap_renameat(int from, const char* name, int to, const char* target) {
    if (recording != nullptr && recording->fails()) return -1;
    const int result = __real_renameat(from, name, to, target);
    if (recording != nullptr && result == 0) recording->renamed(name, target);
    return result;
}

int __wrap_unlinkat(int directory, const char* name, int flags) {
    if (recording != nullptr && recording->fails()) return -1;
    const int result = __real_unlinkat(directory, name, flags);
    if (recording != nullptr && result == 0) recording->unlinked(name);
    return result;
}

}  // extern "C"
