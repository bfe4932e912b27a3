// SPDX-License-Identifier: MIT
#include "server/peers.h"

#include <fmt/format.h>

#include "os/control_group.h"
#include "server/connection.h"

namespace prh {

const std::string& Peer::title() {
    look_up();
    return title_;
}

const std::string& Peer::name() {
    look_up();
    return name_;
}

void Peer::look_up() {
    std::call_once(looked_up_, [this] {
        const std::string numbers = fmt::format("pid {}, uid {}", credentials_.pid, credentials_.uid);
        if (credentials_.pid > 0) name_ = name_of_process(credentials_.pid);
        title_ = name_.empty() ? numbers : fmt::format("{} ({})", name_, numbers);
    });
}

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

std::shared_ptr<Peer> Peers::enter(const PeerCredentials& credentials) {
    ++users_[credentials.uid];
    if (credentials.pid <= 0) return std::make_shared<Peer>(credentials);
    Present& present = processes_[credentials.pid];
    // A number that another user's process has now is another process.
    if (!present.peer || present.peer->credentials().uid != credentials.uid)
        present = {std::make_shared<Peer>(credentials), 0};
    ++present.connections;
    return present.peer;
}

bool Peers::leave(const Peer& peer) {
    const auto user = users_.find(peer.credentials().uid);
    if (user != users_.end() && --user->second == 0) users_.erase(user);
    const auto found = processes_.find(peer.credentials().pid);
    if (found == processes_.end() || found->second.peer.get() != &peer) return true;
    if (--found->second.connections > 0) return false;
    processes_.erase(found);
    return true;
}

std::size_t Peers::connections_of_user(uid_t user) const {
    const auto found = users_.find(user);
    return found == users_.end() ? 0 : found->second;
}

std::vector<std::shared_ptr<Peer>> Peers::all() const {
    std::vector<std::shared_ptr<Peer>> peers;
    for (const auto& [process, present] : processes_) peers.push_back(present.peer);
    return peers;
}

}  // namespace prh
