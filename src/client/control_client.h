// SPDX-License-Identifier: MIT
// The other end of a helper's control socket (doc/control.md): one line is sent, and lines are read. Every
// wait has an end, and whatever goes wrong is said with what a user can do about it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "client/failure.h"

namespace prh::ctl {

class ControlClient {
  public:
    /// Connects and sends `request`, a line without its end. `timeout` bounds that; zero stands for no bound.
    static Expected<ControlClient> ask(const std::string& path, std::string_view request,
                                       std::chrono::seconds timeout);

    enum class End { Closed, Interrupted, TimedOut };
    struct Line {
        std::optional<std::string> text;  ///< without its end
        End end = End::Closed;            ///< why there is none
    };
    /// The next line. Ends early when `interruption`, if it is valid, can be read; zero waits for ever.
    Expected<Line> next_line(FdRef interruption, std::chrono::milliseconds timeout);

    const std::string& path() const { return path_; }
    /// Who made the socket that is asked (SO_PEERCRED), as this process numbers it: the helper; 0 where it is
    /// in no namespace of ours.
    pid_t peer() const;

  private:
    ControlClient(UniqueFd socket, std::string path) : socket_(std::move(socket)), path_(std::move(path)) {}

    UniqueFd socket_;
    std::string path_;
    std::string buffer_;
    std::size_t searched_ = 0;  // bytes of the buffer in which there is no end of a line
};

struct StateAnswer {
    std::string line;  ///< one JSON object
    pid_t peer = 0;    ///< ControlClient::peer()
};
/// The answer to "state".
Expected<StateAnswer> ask_state(const std::string& path, std::chrono::seconds timeout);
/// The same, where nobody asks who gave it.
Expected<std::string> read_state(const std::string& path, std::chrono::seconds timeout);

}  // namespace prh::ctl
