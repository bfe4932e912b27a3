// SPDX-License-Identifier: MIT
// A thread that does a piece of work later, and again for as long as some of it is left.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace prh {

class RetryThread {
  public:
    using Clock = std::chrono::steady_clock;
    /// Returns when it is to be done again; nothing: not until the next wake(). It does not throw.
    using Work = std::function<std::optional<Clock::time_point>()>;

    /// The work is done `delay` after wake(). No thread is started before that.
    RetryThread(Clock::duration delay, Work work) : delay_(delay), work_(std::move(work)) {}
    RetryThread(const RetryThread&) = delete;
    RetryThread& operator=(const RetryThread&) = delete;
    ~RetryThread();  ///< waits for the work that is being done

    void wake();

  private:
    void run();

    const Clock::duration delay_;
    const Work work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Clock::time_point> next_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace prh
