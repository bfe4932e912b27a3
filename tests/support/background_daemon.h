// SPDX-License-Identifier: MIT
// A daemon that went into the background (-d): found by its pid file, adopted by the test
// (PR_SET_CHILD_SUBREAPER, prctl(2)), and never left behind.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace prh::test {

/// While it exists, who loses its parent becomes our child; at its end no child of ours is left.
class Orphanage {
  public:
    Orphanage();
    Orphanage(const Orphanage&) = delete;
    Orphanage& operator=(const Orphanage&) = delete;
    ~Orphanage();
};

/// Needs an Orphanage.
class BackgroundDaemon {
  public:
    explicit BackgroundDaemon(const std::string& pid_file);
    pid_t pid() const { return pid_; }  ///< 0 if the file names nobody
    /// Its exit code after `signal`, or nothing if it is still there.
    std::optional<int> end(int signal);

  private:
    pid_t pid_ = 0;
};

}  // namespace prh::test
