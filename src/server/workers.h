// SPDX-License-Identifier: MIT
// The elastic pool: a thread for every request in flight and none for an idle connection. Workers are alike;
// each takes one ready source, runs it to the end, and waits again. Whoever takes an event as the last one
// waiting makes sure first that another waits, so a device that hangs holds up its own request and nothing
// else.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string_view>

#include "base/result.h"
#include "os/ready_queue.h"

namespace prh {

class Workers {
  public:
    /// `report` is told when a thread cannot be started; the ones that are there go on.
    Workers(ReadyQueue& queue, std::function<void(std::string_view)> report)
        : queue_(queue), report_(std::move(report)) {}

    /// The first worker. Error: no thread can be started at all.
    Status start();
    /// Closes the queue and waits until every worker has ended; false if some have not after `patience`: they
    /// are stuck in the kernel, and the process may only be left with _exit(2).
    bool stop(std::chrono::milliseconds patience);

  private:
    static constexpr std::size_t kIdleWorkers = 2;  // more than these end when there is nothing to do
    static constexpr std::chrono::milliseconds kIdleTime{10'000};

    static void* run(void* self);
    void work();
    bool start_one();
    void before_work();
    bool retire_if_spare();

    ReadyQueue& queue_;
    const std::function<void(std::string_view)> report_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t waiting_ = 0;  // in ReadyQueue::wait, or started and on the way there
    std::size_t total_ = 0;
    bool stopping_ = false;
};

}  // namespace prh
