// SPDX-License-Identifier: MIT
#include "server/peers.h"

#include <utility>

#include "server/connection.h"

namespace prh {

bool Peer::begin_work(std::size_t allowed, Connection& connection) {
    const std::lock_guard lock(mutex_);
    if (working_ < allowed) {
        ++working_;
        return true;
    }
    connection.wait_for_worker();
    waiting_.push_back(&connection);
    return false;
}

Connection* Peer::end_work() {
    const std::lock_guard lock(mutex_);
    --working_;
    if (waiting_.empty()) return nullptr;
    Connection* const next = waiting_.front();
    waiting_.pop_front();
    next->called();
    return next;
}

std::vector<Connection*> Peer::take_gone() {
    const std::lock_guard lock(mutex_);
    std::vector<Connection*> gone;
    std::erase_if(waiting_, [&](Connection* connection) {
        if (!connection->is_gone()) return false;
        gone.push_back(connection);
        return true;
    });
    return gone;
}

bool Peer::anyone_waits() {
    const std::lock_guard lock(mutex_);
    return !waiting_.empty();
}

void Peer::note_map(const std::string& map) {
    const std::lock_guard lock(mutex_);
    maps_.insert(map);
}

std::vector<std::string> Peer::maps() const {
    const std::lock_guard lock(mutex_);
    return {maps_.begin(), maps_.end()};
}

std::optional<Peers::Key> Peers::key_of(const PeerProcess& process) {
    const PeerCredentials& credentials = process.credentials;
    if (process.inode != 0) return Key{process.inode, 0, credentials.uid};
    if (credentials.pid <= 0) return std::nullopt;
    return Key{0, credentials.pid, credentials.uid};
}

Peers::Entered Peers::enter(const PeerProcess& process) {
    ++users_[process.credentials.uid];
    const auto key = key_of(process);
    if (key) {
        const auto known = known_.find(*key);
        // Without an inode: of two with one number, either both have a pidfd and the first one runs still, or
        // neither has one.
        const bool same = known != known_.end() && (key->inode != 0 || known->second->is_still(process));
        if (same) {
            Present& present = present_.at(known->second);
            ++present.connections;
            return {present.peer, false};
        }
    }
    auto peer = std::make_shared<Peer>(process);
    present_.emplace(peer.get(), Present{peer, key, 1});
    if (key) known_[*key] = peer.get();
    return {std::move(peer), true};
}

bool Peers::leave(const Peer& peer) {
    const auto user = users_.find(peer.credentials().uid);
    if (user != users_.end() && --user->second == 0) users_.erase(user);
    const auto found = present_.find(&peer);
    if (found == present_.end()) return true;
    if (--found->second.connections > 0) return false;
    if (found->second.key) {
        // Another process may have its number by now.
        const auto known = known_.find(*found->second.key);
        if (known != known_.end() && known->second == &peer) known_.erase(known);
    }
    present_.erase(found);
    return true;
}

std::size_t Peers::connections_of_user(uid_t user) const {
    const auto found = users_.find(user);
    return found == users_.end() ? 0 : found->second;
}

std::vector<std::shared_ptr<Peer>> Peers::all() const {
    std::vector<std::shared_ptr<Peer>> peers;
    for (const auto& [address, present] : present_) peers.push_back(present.peer);
    return peers;
}

}  // namespace prh
