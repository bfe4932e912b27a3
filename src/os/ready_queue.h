// SPDX-License-Identifier: MIT
// The ready queue: one epoll instance in which every descriptor is armed for one event at a time
// (EPOLLONESHOT), so that whoever takes an event owns its source until it arms it again. Workers wait on it;
// there is no other hand-off.
#pragma once

#include <atomic>
#include <chrono>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

/// What a worker runs when a source is ready. The source arms itself again when it wants to hear more.
class ReadySource {
  public:
    virtual void ready() = 0;
    /// Asked before ready() where no further thread can be had: true if it may take for ever, and is to be
    /// run when there is a thread for it. It is not called again before ready() is.
    virtual bool postpone() { return false; }

    // What the last owner wrote is seen by the next one. The kernel's locks see to it in fact; these two say
    // so in the language's terms, and to ThreadSanitizer, which knows it of EPOLL_CTL_ADD but not of
    // EPOLL_CTL_MOD.
    void hand_over() { handed_over_.store(true, std::memory_order_release); }
    bool take_over() const { return handed_over_.load(std::memory_order_acquire); }

  protected:
    ~ReadySource() = default;

  private:
    std::atomic<bool> handed_over_ = false;
};

enum class Interest { Readable, Writable };

class ReadyQueue {
  public:
    static Result<ReadyQueue> create();

    Status add(FdRef descriptor, ReadySource& source, Interest interest = Interest::Readable);
    /// Armed again for one event; the descriptor was added before.
    void arm(FdRef descriptor, ReadySource& source, Interest interest = Interest::Readable);
    /// Wakes every waiter, now and for good: wait() gives what was ready before, each once, and then null.
    void close();

    /// The next ready source; null after `timeout` or when the queue is closed. The worker that waited last
    /// is served first, so that a quiet daemon keeps one warm worker and the others can retire.
    ReadySource* wait(std::chrono::milliseconds timeout) const;
    /// Without a timer, which costs at every wait; a signal's arrival may still give null.
    static constexpr std::chrono::milliseconds kForever{-1};

  private:
    ReadyQueue(UniqueFd epoll, UniqueFd closed) : epoll_(std::move(epoll)), closed_(std::move(closed)) {}
    UniqueFd epoll_;
    UniqueFd closed_;  // an eventfd that is readable for every waiter once the queue is closed
};

}  // namespace prh
