// SPDX-License-Identifier: MIT
// systemd's two documented protocols: descriptors passed at start (sd_listen_fds(3)) and messages of state
// (sd_notify(3)). Done here in a few lines because libsystemd would bring nine libraries into a process with
// CAP_SYS_RAWIO.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

/// The number of descriptors that LISTEN_FDS and LISTEN_PID pass to this process, 0 if none; both are removed
/// from the environment and every descriptor is made close-on-exec. Error: LISTEN_FDS is no possible count.
Result<unsigned> take_listen_fds();

/// Descriptor 3 as a listening unix stream socket. Errors: it is closed, no socket, another kind, or does not
/// listen.
Result<UniqueFd> activation_socket();

/// Where NOTIFY_SOCKET leads; nowhere, silently, if it is not set.
class ServiceManager {
  public:
    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them from the environment. `pid`:
    /// whom WATCHDOG_PID must name.
    static ServiceManager from_environment();

    /// "READY=1", "STATUS=…", several separated by newlines. The error says that it was not taken.
    Status notify(std::string_view state) const;
    /// How often systemd wants to hear WATCHDOG=1; ping at half of it.
    std::optional<std::chrono::microseconds> watchdog_interval() const { return watchdog_; }

  private:
    UniqueFd socket_;
    std::string address_;
    std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace prh
