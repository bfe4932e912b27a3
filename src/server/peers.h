// SPDX-License-Identifier: MIT
// Client processes: who is at the other end of connections, and how much of the server each has.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "os/unix_socket.h"

namespace prh {

class Connection;

/// One client process: all its connections share it. A process that this one cannot see (of another pid
/// namespace, where the kernel says pid 0) is as many peers as it has connections.
class Peer {
  public:
    explicit Peer(const PeerCredentials& credentials) : credentials_(credentials) {}

    const PeerCredentials& credentials() const { return credentials_; }
    /// "VM db1 (pid 4242, uid 107)", "unit backup.service (…)", or "pid 4242, uid 107"; for messages. Looked
    /// up when it is first asked for.
    const std::string& title();
    /// "VM db1", empty where it is not known.
    const std::string& name();

    /// Takes one of its `allowed` workers; where it has them all, `connection` waits for its turn, and false
    /// is returned: from then on it belongs to whoever gets it from end_work().
    bool begin_work(std::size_t allowed, Connection& connection);
    /// Gives the worker back. Returns the connection whose turn it is now, if any waits.
    Connection* end_work();
    /// Takes those out of the waiting that are gone (Connection::is_gone); they are the caller's.
    std::vector<Connection*> take_gone();
    bool anyone_waits();

    std::atomic<bool> watched = false;  ///< NexusWatch has had it in its lists

    /// It has registered with this multipath map ("254:3").
    void note_map(const std::string& map);
    std::vector<std::string> maps() const;

  private:
    void look_up();

    const PeerCredentials credentials_;
    std::once_flag looked_up_;
    std::string name_;
    std::string title_;
    mutable std::mutex mutex_;
    std::set<std::string> maps_;
    std::size_t working_ = 0;
    std::deque<Connection*> waiting_;
};

/// Of all connections there are; not synchronised.
class Peers {
  public:
    std::shared_ptr<Peer> enter(const PeerCredentials& credentials);
    /// True if that was the peer's last connection.
    bool leave(const Peer& peer);

    std::size_t connections_of_user(uid_t user) const;
    std::vector<std::shared_ptr<Peer>> all() const;

  private:
    struct Present {
        std::shared_ptr<Peer> peer;
        std::size_t connections = 0;
    };

    std::unordered_map<pid_t, Present> processes_;
    std::map<uid_t, std::size_t> users_;  // connections
};

}  // namespace prh
