// SPDX-License-Identifier: MIT
// A system call that fails, in threads of this process: what opens, lists, reads or asks (open, openat,
// getdents64, read, pread64, ioctl), whoever makes the call, the C++ library too.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>

namespace prh::test {

/// By seccomp's user notification (seccomp_unotify(2), Linux 5.5).
class FailingCall {
  public:
    /// From begin() on, counted from zero, call `number` fails with `error`.
    FailingCall(std::size_t number, int error) : number_(number), error_(error) {}

    /// Runs `work` in a thread of its own; its calls are meant, and those of every thread that it starts.
    /// Returns when all of them have ended. False: this kernel cannot do it, and nothing was run.
    bool run(const std::function<void()>& work);

    void begin() { counts_ = true; }
    void end() { counts_ = false; }
    bool has_failed() const { return failed_; }

  private:
    void supervise(int listener);

    const std::size_t number_;
    const int error_;
    std::atomic<bool> counts_ = false;
    std::atomic<bool> failed_ = false;
    std::size_t calls_ = 0;
};

}  // namespace prh::test
