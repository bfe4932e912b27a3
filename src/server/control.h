// SPDX-License-Identifier: MIT
// The control socket (--control): what the server is doing, told to whoever may connect; nothing can be
// changed there. It has a thread of its own, so that it answers while every worker hangs, and no request
// waits for somebody who looks.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "os/event_sources.h"
#include "os/published_socket.h"
#include "server/audit_stream.h"
#include "server/control_client.h"

namespace prh {

struct ControlSettings {
    std::string path;           ///< --control; empty: no control socket
    SocketOwnership ownership;  ///< --control-mode, --control-group
};

class Control {
  public:
    static constexpr std::size_t kClients = 16;  ///< at one time; a further one waits to be accepted

    /// From here on the socket is there. Mode 0600, or 0660 where a group is named, unless another is.
    static Result<std::unique_ptr<Control>> open(const ControlSettings& settings);
    ~Control() { finish(); }

    /// The thread. Call it when the process is as confined as it will be. `state`: in one line, called by
    /// that thread for each who asks.
    Status start(std::function<std::string()> state);
    AuditStream& stream() { return stream_; }
    Status remove_path() { return socket_.remove_path(); }
    /// Nobody can connect any more; a next instance can. Who is connected already is served on.
    Status withdraw();
    /// Followers get what is there, and the thread ends. False if it has not in two seconds: a client holds
    /// it (a descriptor that hangs when it is dropped), and the process may only be left with _exit(2).
    bool finish();

  private:
    Control(PublishedSocket socket, Wakeup wakeup) : socket_(std::move(socket)), wakeup_(std::move(wakeup)) {}

    static void* run(void* self);
    void work();
    void serve();
    void accept_some();

    PublishedSocket socket_;
    Wakeup wakeup_;
    AuditStream stream_{[this] { wakeup_.call(); }};
    std::function<std::string()> state_;
    pthread_t thread_{};
    bool started_ = false;
    std::mutex mutex_;  // for ended_
    std::condition_variable changed_;
    bool ended_ = false;
    std::atomic<bool> withdrawn_ = false;
    std::atomic<bool> ending_ = false;
    std::list<ControlClient> clients_;  // the thread's
    bool exhausted_ = false;            // the thread's: a client waits that no descriptor is there for
};

}  // namespace prh
