// SPDX-License-Identifier: MIT
// Time and signals as descriptors (timerfd_create(2), signalfd(2)), so that they wait in the ready queue like
// everything else.
#pragma once

#include <chrono>
#include <initializer_list>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

class Timer {
  public:
    static Result<Timer> create();
    FdRef descriptor() const { return fd_.ref(); }
    /// Ready once, after `delay` (at least a millisecond).
    void start(std::chrono::milliseconds delay);
    void acknowledge();

  private:
    explicit Timer(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

/// An eventfd(2): what one thread does is seen by another that polls descriptors.
class Wakeup {
  public:
    static Result<Wakeup> create();
    FdRef descriptor() const { return fd_.ref(); }
    void call();
    void acknowledge();

  private:
    explicit Wakeup(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

class Signals {
  public:
    /// Blocks `numbers` in the calling thread, and so in every thread that it starts; from then on they are
    /// read here.
    static Result<Signals> take_over(std::initializer_list<int> numbers);
    FdRef descriptor() const { return fd_.ref(); }
    /// The next one that arrived, 0 if there is none.
    int read();

  private:
    explicit Signals(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace prh
