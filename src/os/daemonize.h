// SPDX-License-Identifier: MIT
// Into the background (-d), without lying: the starting process ends only when the background one can serve,
// with its exit code.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

class Background {
  public:
    /// Forks. The parent waits, and ends: with 0 when the child calls ready(), with the child's exit code if
    /// it ends before. Only the child returns: in a session of its own, still with the parent's stderr and
    /// working directory.
    static Result<Background> enter();

    /// The start is complete: working directory /, stdin, stdout and stderr to /dev/null, and the parent is
    /// let go.
    Status ready();

  private:
    explicit Background(UniqueFd parent) : parent_(std::move(parent)) {}
    UniqueFd parent_;
};

}  // namespace prh
