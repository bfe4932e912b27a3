// SPDX-License-Identifier: MIT
// Where lines for people go: stderr, a file, or the system log. Writing never blocks and never raises SIGPIPE
// (the program ignores it): a log that nobody reads must not stop a reservation.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace prh {

/// Writes `line` (with its newline), in one write(2) up to PIPE_BUF bytes. False if nobody can take the whole
/// of it now or ever: EPIPE, a full pipe, a full disk.
bool write_line(FdRef to, std::string_view line);

/// The system log by its datagram socket (/dev/log; RFC 3164 format). syslog(3) is not used since it blocks
/// when the journal is stuck.
class SystemLog {
  public:
    /// Connects now, because a later change of the file system view (a mount namespace, a sandbox) can hide
    /// the socket.
    explicit SystemLog(std::string program);
    bool connected() const { return socket_.valid(); }
    /// Facility daemon, severity notice. False if it cannot be delivered now.
    bool write(std::string_view text);

  private:
    bool connect();

    std::string program_;
    UniqueFd socket_;
};

}  // namespace prh
