// SPDX-License-Identifier: MIT
// Processes, as of so many virtual machines, each with one request outstanding on a disk that does not
// answer.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace prh::bench {

class StuckClients {
  public:
    /// Every request has been sent when the constructor returns.
    StuckClients(const std::string& socket, int device, std::size_t count);
    StuckClients(const StuckClients&) = delete;
    StuckClients& operator=(const StuckClients&) = delete;
    ~StuckClients();  ///< those that are left are killed

    /// Of those whose requests have come to an end, one or the other.
    std::size_t gone();
    bool all_gone_within(int seconds);

  private:
    std::vector<pid_t> left_;
    std::size_t count_;
};

}  // namespace prh::bench
