// SPDX-License-Identifier: MIT
// The elastic pool: a thread for every request in flight and none for an idle connection. Workers are alike;
// each takes one ready source, runs it to the end, and waits again. Whoever takes an event as the last one
// waiting makes sure first that another waits, so a device that hangs holds up its own request and nothing
// else. Where no further thread can be had, the last one runs nothing that may hang: what a client sent waits
// until a thread is free, and signals, new clients and deadlines are looked after meanwhile.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>

#include "base/result.h"
#include "os/ready_queue.h"

namespace prh {

class Workers {
  public:
    /// `report` is told when a thread cannot be started and a source has to wait for one; run_postponed() is
    /// to be called from time to time then.
    Workers(ReadyQueue& queue, std::function<void(std::string_view)> report)
        : queue_(queue), report_(std::move(report)) {}

    /// The first worker. Error: no thread can be started at all.
    Status start();
    /// Closes the queue and waits until every worker has ended; false if some have not after `patience`: they
    /// are stuck in the kernel, and the process may only be left with _exit(2).
    bool stop(std::chrono::milliseconds patience);
    /// Tries again to start a thread for what waits for one. False if nothing does.
    bool run_postponed();

  private:
    // More than these do not wait for events: under a flood of short requests every waiting worker would be
    // kept busy, and requests would wait for the processor in turns instead of being finished one after the
    // other.
    static constexpr std::size_t kWaiting = 3;
    static constexpr std::chrono::milliseconds kIdleTime{10'000};  // after which a parked one ends

    static void* run(void* self);
    void work();
    ReadySource* take_postponed();
    bool before_work(ReadySource& source);
    bool after_work();
    bool ensure_another_waits();
    bool start_one();
    bool end_if_stopping();
    void end_one();

    ReadyQueue& queue_;
    const std::function<void(std::string_view)> report_;
    std::mutex mutex_;
    std::condition_variable called_;  // for the parked
    std::condition_variable ended_;
    std::size_t waiting_ = 0;  // in ReadyQueue::wait, or on the way there
    std::size_t parked_ = 0;
    std::size_t calls_ = 0;  // parked workers that are called and have not seen it yet
    std::size_t total_ = 0;
    std::deque<ReadySource*> postponed_;
    bool stopping_ = false;
};

}  // namespace prh
