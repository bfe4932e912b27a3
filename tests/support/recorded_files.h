// SPDX-License-Identifier: MIT
// What a piece of code does to files, call by call, and calls that fail. Linked into a test it stands between
// the test's libraries and the C library (ld --wrap); it passes calls on, except that nothing is flushed to a
// disk.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace prh::test {

struct FileOperation {
    enum class Kind { Open, Write, SyncFile, SyncDirectory, Rename, Unlink };
    Kind kind;
    int file = 0;      ///< Open, Write, SyncFile: which of the files that were opened, by number
    bool cut = false;  ///< Open: O_TRUNC
    std::string name = {};
    std::string target = {};  ///< Rename
    std::string bytes = {};   ///< Write
};

/// One at a time. While it exists, calls that open a file for writing, and those that follow, are recorded.
class RecordedFiles {
  public:
    static constexpr std::size_t kLongestWrite = 40;  ///< more is written in parts, as write(2) may

    RecordedFiles();
    RecordedFiles(const RecordedFiles&) = delete;
    RecordedFiles& operator=(const RecordedFiles&) = delete;
    ~RecordedFiles();

    /// Those that succeeded, in order.
    const std::vector<FileOperation>& operations() const { return operations_; }
    std::size_t calls() const { return calls_; }  ///< those that failed too
    /// Call `number` (from 0) does nothing and fails with `code`.
    void fail(std::size_t number, int code) { failing_ = number, code_ = code; }

    // For the functions that stand in the C library's place.
    bool fails();  ///< with errno; counts the call
    void opened(int fd, const std::string& name, bool cut);
    bool knows(int fd) const { return files_.count(fd) != 0; }
    void written(int fd, std::string bytes);
    void synchronised(int fd);
    void renamed(const std::string& name, const std::string& target);
    void unlinked(const std::string& name);

  private:
    std::vector<FileOperation> operations_;
    std::map<int, int> files_;
    int opened_ = 0;
    std::size_t calls_ = 0;
    std::size_t failing_ = static_cast<std::size_t>(-1);
    int code_ = 0;
};

}  // namespace prh::test
