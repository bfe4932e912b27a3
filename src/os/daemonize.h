// SPDX-License-Identifier: MIT
// The standard descriptors, and into the background (-d) without lying: the starting process ends only when
// the background one can serve, with its exit code.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

/// To be called before anything is opened: where stdin, stdout or stderr is closed, the next descriptor would
/// take its place, and log lines would go there. False: stderr was closed, and leads to /dev/null now, which
/// nobody reads (Log::leave_stderr()).
bool fill_standard_descriptors();

class Background {
  public:
    /// Forks. The parent waits, and ends: with 0 when the child calls ready(), with the child's exit code if
    /// it ends before. Only the child returns: in a session of its own, still with the parent's stderr and
    /// working directory.
    static Result<Background> enter();

    /// Working directory /. What ready() needs is opened: files may be out of reach by then.
    Status prepare();

    /// The start is complete: stdin, stdout and stderr to /dev/null, and the parent is let go.
    Status ready();

  private:
    explicit Background(UniqueFd parent) : parent_(std::move(parent)) {}
    UniqueFd parent_;
    UniqueFd null_;
};

}  // namespace prh
