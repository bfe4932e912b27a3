// SPDX-License-Identifier: MIT
// What the helper and its disks say, for many who ask at once: the helper is asked at most a few times a
// second, however many look on.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "client/failure.h"
#include "client/state.h"
#include "monitor/disk_inquiries.h"

namespace prh::ctl {

class LiveState {
  public:
    LiveState(std::string control, std::string socket, std::chrono::seconds timeout);

    Expected<HelperState> state();
    /// live_json() of it.
    Expected<std::string> json();

  private:
    struct Read {
        std::string line;
        HelperState state;
    };
    Expected<Read> read();

    const std::string control_;
    const std::chrono::seconds timeout_;
    std::mutex mutex_;  // of what follows; who waits for it gets the answer that it waits for
    DiskInquiries disks_;
    std::chrono::steady_clock::time_point read_at_;
    Expected<Read> last_ = fail(ExitCode::Other, "the helper has not been asked");
};

}  // namespace prh::ctl
