// SPDX-License-Identifier: MIT
// Client processes: who is at the other end of connections, and how much of the server each has.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "os/pidfd.h"
#include "os/unix_socket.h"
#include "server/client_names.h"

namespace prh {

class Connection;

/// One client process: all its connections share it.
class Peer {
  public:
    explicit Peer(const PeerProcess& process)
        : identity_(std::make_shared<ClientIdentity>(process.credentials, process.inode)),
          pidfd_(process.inode == 0 ? process.pidfd : nullptr) {}

    const std::shared_ptr<ClientIdentity>& identity() const { return identity_; }
    const PeerCredentials& credentials() const { return identity_->credentials(); }
    /// ClientIdentity::title()
    std::string title() const { return identity_->title(); }
    /// ClientIdentity::name()
    const std::string& name() const { return identity_->name(); }
    /// Asked of one that has no inode: `process`, with the same process id, is this one.
    bool is_still(const PeerProcess& process) const {
        if (!pidfd_ || !process.pidfd) return !pidfd_ && !process.pidfd;
        return !has_ended(pidfd_->ref());
    }

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
    const std::shared_ptr<ClientIdentity> identity_;
    const std::shared_ptr<const UniqueFd> pidfd_;  // where it is needed to know the process by
    mutable std::mutex mutex_;
    std::set<std::string> maps_;
    std::size_t working_ = 0;
    std::deque<Connection*> waiting_;
};

/// Of all connections there are; not synchronised. A process is known
/// - by the inode of its pidfd (Linux 6.9), whichever pid namespace it is in;
/// - else by its process id, and by its pidfd as long as that process runs (Linux 6.5): connections are
///   accepted in the order in which they were made, so a later one comes from a process that ended only if
///   the one whose number it has ended too;
/// - else by its process id alone: a process that gets the number of one whose connections are still open is
///   counted with it, and has no name. Process id 0 (another pid namespace) is a process for each connection.
/// One that changes its user id is another client from then on.
class Peers {
  public:
    struct Entered {
        std::shared_ptr<Peer> peer;
        bool newcomer;  ///< this is its only connection
    };
    Entered enter(const PeerProcess& process);
    /// True if that was the peer's last connection.
    bool leave(const Peer& peer);

    std::size_t connections_of_user(uid_t user) const;
    std::vector<std::shared_ptr<Peer>> all() const;

  private:
    struct Key {
        std::uint64_t inode;  // 0: known by its process id
        pid_t pid;            // 0 where the inode is known
        uid_t uid;
        auto operator<=>(const Key&) const = default;
    };
    struct Present {
        std::shared_ptr<Peer> peer;
        std::optional<Key> key;  // of known_, where the process can come again
        std::size_t connections = 0;
    };

    static std::optional<Key> key_of(const PeerProcess& process);

    std::unordered_map<const Peer*, Present> present_;
    std::map<Key, const Peer*> known_;
    std::map<uid_t, std::size_t> users_;  // connections
};

}  // namespace prh
