// SPDX-License-Identifier: MIT
// SIGINT, SIGTERM and SIGHUP as something that can be waited for: a command that goes on until it is told to
// stop ends in order. Made before any thread.
#pragma once

#include <csignal>
#include <initializer_list>

#include "base/unique_fd.h"

namespace prh::ctl {

class StopSignals {
  public:
    /// `more` are signals that do not stop but are to be noticed too (SIGWINCH).
    explicit StopSignals(std::initializer_list<int> more = {});

    FdRef descriptor() const { return descriptor_.ref(); }  ///< readable when one has come
    /// The signal that has come, or zero.
    int take() const;
    static bool stops(int number) { return number == SIGINT || number == SIGTERM || number == SIGHUP; }

  private:
    UniqueFd descriptor_;
};

}  // namespace prh::ctl
