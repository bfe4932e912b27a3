// SPDX-License-Identifier: MIT
// A descriptor that tells whether it is still open anywhere: the writing end of a pipe, watched from the
// reading end.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "support/descriptor.h"

namespace prh::test {

class CountedPipe {
  public:
    CountedPipe() {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) != 0) return;
        reader_ = Descriptor(ends[0]);
        writer_ = UniqueFd(ends[1]);
    }
    /// The one writing end; from now on the receiver owns it.
    UniqueFd take() { return std::move(writer_); }
    /// One more.
    UniqueFd copy() const { return UniqueFd(::fcntl(writer_.get(), F_DUPFD_CLOEXEC, 0)); }
    int writer() const { return writer_.get(); }
    void close_own() { writer_.reset(); }

    /// No writing end is left, in any process.
    bool closed() const {
        pollfd end{reader_.get(), 0, 0};
        return ::poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0;
    }
    bool is(FdRef descriptor) const {
        struct stat ours {
        }, theirs{};
        return ::fstat(reader_.get(), &ours) == 0 && ::fstat(descriptor.get(), &theirs) == 0 &&
               ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
    }

  private:
    Descriptor reader_;
    UniqueFd writer_;
};

}  // namespace prh::test
