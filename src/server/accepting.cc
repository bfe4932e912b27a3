// SPDX-License-Identifier: MIT
// Server: who is let in.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "device/probes.h"
#include "server/server.h"

namespace prh {

void Server::accept_clients() {
    constexpr int kAtATime = 64;  // then others get their turn
    for (int i = 0; i < kAtATime; ++i) {
        Admission admission = Admission::Granted;
        Connection* const connection = accept_one(admission);
        if (connection != nullptr) {
            welcome(*connection, admission);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno == EBUSY) {
            listener_paused_ = true;  // until one of them is closed
            return schedule_tick();   // it may have been just now
        } else if (errno == ESHUTDOWN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return pause_accepting(errno);
        }
    }
    queue_.arm(listener_, listener_source_);
}

/// Null with errno if there is none, EBUSY where even those to be refused are too many, ESHUTDOWN once the
/// end has begun: who connects then to a socket that systemd keeps is left in its queue for the next
/// instance.
Connection* Server::accept_one(Admission& admission) {
    const std::lock_guard lock(mutex_);
    if (draining_) return errno = ESHUTDOWN, nullptr;
    if (refused_ >= limits_.refused_at_once) return errno = EBUSY, nullptr;
    UniqueFd socket = accept_client(listener_);
    if (!socket.valid()) return nullptr;
    const PeerProcess process = peer_process(socket.ref(), services_.names.support());
    admission = admit(socket.ref(), process.credentials);
    const auto [peer, newcomer] = peers_.enter(process);
    if (newcomer) services_.names.seek(peer->identity(), process);
    Connection& connection = connections_.emplace_front(*this, std::move(socket), peer, ++accepted_);
    connection.position_ = connections_.begin();
    if (admission != Admission::Granted) ++refused_;
    return &connection;
}

Server::Admission Server::admit(FdRef socket, const PeerCredentials& credentials) const {
    if (connections_.size() - refused_ >= limits_.max_connections) return Admission::TooMany;
    if (peers_.connections_of_user(credentials.uid) >= limits_.max_connections_per_user)
        return Admission::TooManyOfUser;
    const bool allowed = policy_.admits(credentials.uid, peer_groups(socket, credentials));
    return allowed ? Admission::Granted : Admission::NotAllowed;
}

/// Whatever comes of it, a connection is closed by the worker that gets its next event, and not here: closing
/// discards what the client has sent ahead, which may hold descriptors that hang, and here all clients wait.
void Server::welcome(Connection& connection, Admission admission) {
    services_.counters.add(Counter::Connections);
    probe::connection_accepted(connection.number_, connection.peer()->credentials());
    if (services_.trace.on(TraceEvent::ConnectionAccepted))
        services_.trace.emit(TraceEvent::ConnectionAccepted, "{}", connection.to_string());
    if (admission == Admission::Granted) {
        if (const int error = connection.greet(); error != 0) {
            services_.log.client(
                fmt::format("Unable to greet a client: {} ({})", std::strerror(error), connection.title()));
            connection.give_up();
        }
    } else {
        const std::shared_ptr<ClientIdentity>& client = connection.peer()->identity();
        services_.names.when_named(client, [this, client, why = refusal(admission, client->credentials())] {
            services_.log.client(fmt::format("Refused a connection of {}: {}", client->title(), why));
        });
        connection.refuse();
    }
    // Once it is in the queue, it belongs to whoever gets its first event.
    if (!queue_.add(connection.socket(), connection)) close(connection);
}

/// Counts it, and says why.
std::string Server::refusal(Admission admission, const PeerCredentials& peer) {
    switch (admission) {
        case Admission::TooMany:
            services_.counters.add(Counter::RefusedConnections);
            return fmt::format("{} are open (--max-connections)", limits_.max_connections);
        case Admission::TooManyOfUser:
            services_.counters.add(Counter::RefusedOfUser);
            return fmt::format("{} of user {} are open (--max-connections-per-user)",
                               limits_.max_connections_per_user, peer.uid);
        case Admission::NotAllowed:
            services_.counters.add(Counter::RefusedPeers);
            return "it is not served (--allow-uid, --allow-gid)";
        case Admission::Granted: break;
    }
    return {};
}

void Server::pause_accepting(int code) {
    services_.log.client(fmt::format(
        "Cannot accept connections for the moment: {}; those that are open are served", std::strerror(code)));
    listener_paused_ = true;
    schedule_tick();
}

void Server::resume_accepting() {
    if (listener_paused_.exchange(false)) queue_.arm(listener_, listener_source_);
}

}  // namespace prh
