// SPDX-License-Identifier: MIT
// A file that lines are appended to by a thread of its own, so that no request waits for a disk that is slow,
// full or gone. What cannot be written is counted, and the count is the next line that can be.
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

class AuditFile {
  public:
    /// Lines that wait to be written; a further one is dropped. Those that matter have as many places of
    /// their own: nobody can crowd them out with the others.
    static constexpr std::size_t kQueued = 4096;
    /// Places of either kind that one source can have.
    static constexpr std::size_t kShare = 512;

    /// Made if it is missing, mode 0640. `durable`: fdatasync(2) after each line that the thread writes.
    static Result<std::unique_ptr<AuditFile>> open(const std::string& path, bool durable);
    ~AuditFile() { finish(); }

    /// The thread. Call it when the process is as confined as it will be.
    Status start();
    /// `line`: without a newline at its end. `source`: a number for whose doing it is. Never blocks.
    void write(std::string line, std::uint64_t source, bool matters);
    /// After the file was renamed (logrotate): from the next line on a file of the same name is written.
    void reopen();
    /// Writes what is left and ends the thread. False if that has not ended in two seconds: a disk that hangs
    /// holds it, and the process may only be left with _exit(2).
    bool finish();
    /// Lines that nobody will ever read.
    std::uint64_t dropped() const { return dropped_; }

  private:
    AuditFile(std::string path, bool durable, UniqueFd file)
        : path_(std::move(path)), durable_(durable), file_(std::move(file)) {}

    struct Line {
        std::string text;
        std::uint64_t source;
        bool matters;
    };

    static void* run(void* self);
    Line take();
    void work();
    void append(std::string line);
    bool put(std::string_view line);

    const std::string path_;
    const bool durable_;
    pthread_t thread_{};
    UniqueFd file_;              // the thread's alone
    bool cut_ = false;           // the last line was not written to its end
    std::uint64_t missing_ = 0;  // lines dropped since the last that was written
    std::atomic<std::uint64_t> dropped_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Line> lines_;
    std::array<std::size_t, 2> queued_{};  // of lines_, by whether they matter
    std::array<std::unordered_map<std::uint64_t, std::size_t>, 2> shares_;  // of those, by source
    std::uint64_t overflowed_ = 0;
    bool reopen_ = false;
    bool started_ = false;
    bool ending_ = false;
    bool ended_ = false;
};

}  // namespace prh
