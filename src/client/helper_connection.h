// SPDX-License-Identifier: MIT
// A connection to a helper: the effects of the client's side (connect, send with a descriptor, bounded
// reads). Every wait has an end, and whatever goes wrong is said with what a user can do about it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "client/failure.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh::ctl {

struct Reply {
    CommandResult result;
    std::vector<std::uint8_t> data;
};

class HelperConnection {
  public:
    /// Connects and shakes hands. `timeout` bounds this, and later each request; zero stands for no bound.
    static Expected<HelperConnection> open(const std::string& socket_path, std::chrono::seconds timeout);

    std::uint32_t features() const { return features_; }
    /// Who made the socket that it listens on (SO_PEERCRED), as this process numbers it: the helper, or
    /// systemd where that passed it; 0 where it is in no namespace of ours.
    pid_t peer() const;
    /// One request and its reply. After a failure the connection is of no further use.
    Expected<Reply> execute(const Cdb& cdb, FdRef device, ConstBytes parameter_list);

  private:
    using Clock = std::chrono::steady_clock;
    enum class Received { All, EndOfFile, TimedOut };

    HelperConnection(UniqueFd socket, std::string path, std::chrono::seconds timeout)
        : socket_(std::move(socket)), path_(std::move(path)), timeout_(timeout) {}

    Expected<void> shake_hands();
    Expected<void> send(ConstBytes bytes, FdRef descriptor, Clock::time_point deadline);
    Received receive(MutableBytes into, Clock::time_point deadline);
    bool wait(short events, Clock::time_point deadline) const;
    Clock::time_point deadline() const;

    UniqueFd socket_;
    std::string path_;
    std::chrono::seconds timeout_;
    std::uint32_t features_ = 0;
    std::size_t received_ = 0;  // bytes of the element that was read last, for messages
};

}  // namespace prh::ctl
