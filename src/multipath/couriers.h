// SPDX-License-Identifier: MIT
// Threads that carry commands to disks, so that whoever sent one can stop waiting. A disk that hangs keeps
// the thread that it has, which ends by itself when the kernel lets it go; nobody ever waits for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace prh {

class Couriers {
  public:
    /// What a job touches must be its own: it may run on when everything else has ended. It does not throw.
    using Job = std::function<void()>;

    /// No thread is started before there is a job. One that has had none for `idle_time` ends.
    explicit Couriers(std::chrono::milliseconds idle_time = std::chrono::seconds(10));
    Couriers(const Couriers&) = delete;
    Couriers& operator=(const Couriers&) = delete;
    /// Lets the idle ones go. Those that are stuck with a disk are left alone.
    ~Couriers();

    using Clock = std::chrono::steady_clock;

    /// All of them at the same time; returns when they have ended, at `deadline` at the latest. Which of them
    /// have ended: only what these wrote may be looked at. Where no thread can be had, the caller's own does
    /// the work, and the deadline is not kept.
    std::vector<bool> run(std::vector<Job> jobs, Clock::time_point deadline);

    /// For what nobody waits for. Where no thread can be had, the caller's own does the work.
    void start(const Job& job);

    std::size_t threads() const;  ///< those that work included

  private:
    struct Pool;
    class Courier;

    bool hand_over(const Job& job);  // false: there is no thread for it, and it is not run

    const std::shared_ptr<Pool> pool_;  // of the threads too, which may outlive this
};

}  // namespace prh
