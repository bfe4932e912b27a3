// SPDX-License-Identifier: MIT
// The live view and the metrics over HTTP: reads only, and only for who names this machine's loopback (or,
// where that is allowed, for everybody who can reach it).
#pragma once

#include <memory>

#include "client/failure.h"
#include "client/stop_signals.h"
#include "monitor/listen_address.h"
#include "monitor/live_state.h"

namespace httplib {
class Server;
}

namespace prh::ctl {

class WebServer {
  public:
    explicit WebServer(LiveState& live);
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;
    ~WebServer();

    /// The port that it listens at.
    Expected<int> bind(const ListenAddress& address);
    /// Serves until a signal comes.
    void serve(const StopSignals& signals);

  private:
    LiveState& live_;
    bool any_host_ = false;
    std::unique_ptr<httplib::Server> server_;
};

}  // namespace prh::ctl
