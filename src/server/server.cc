// SPDX-License-Identifier: MIT
#include "server/server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace prh {
namespace {

using std::chrono::milliseconds;

/// Deadlines are looked after this often while one runs, and a paused listener is tried again.
milliseconds tick_interval(const Limits& limits, const ServiceManager& manager) {
    milliseconds interval =
        std::clamp<milliseconds>(limits.request_timeout / 8, milliseconds(20), milliseconds(1000));
    if (const auto watchdog = manager.watchdog_interval())
        interval = std::min(interval, std::chrono::duration_cast<milliseconds>(*watchdog / 2));
    return interval;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const Services& services, const Limits& limits, FdRef listener,
                                               Signals signals, std::function<void()> withdraw) {
    auto timer = Timer::create();
    if (!timer) return tl::unexpected<Error>(timer.error());
    auto queue = ReadyQueue::create();
    if (!queue) return tl::unexpected<Error>(queue.error());
    return std::unique_ptr<Server>(new Server(services, limits, listener, std::move(signals),
                                              std::move(*timer), std::move(*queue), std::move(withdraw)));
}

Server::Server(const Services& services, const Limits& limits, FdRef listener, Signals signals, Timer timer,
               ReadyQueue queue, std::function<void()> withdraw)
    : services_(services),
      limits_(limits),
      listener_(listener),
      signals_(std::move(signals)),
      timer_(std::move(timer)),
      queue_(std::move(queue)),
      withdraw_(std::move(withdraw)),
      tick_(tick_interval(limits, services.manager)),
      workers_(queue_, [this](std::string_view text) { services_.log.client(text); }) {}

Status Server::start() {
    for (const auto& [descriptor, source] :
         {std::pair{listener_, &listener_source_}, std::pair{signals_.descriptor(), &signal_source_},
          std::pair{timer_.descriptor(), &timer_source_}})
        if (const Status added = queue_.add(descriptor, *source); !added) return added;
    if (services_.manager.watchdog_interval()) schedule_tick();
    return workers_.start();
}

bool Server::wait() {
    bool answered = false;
    {
        std::unique_lock lock(mutex_);
        drained_.wait(lock, [this] { return draining_; });
        answered = drained_.wait_for(lock, limits_.drain_timeout, [this] { return connections_.empty(); });
    }
    if (!answered) name_the_abandoned();
    constexpr std::chrono::seconds kLastSteps(
        5);  // between a worker's last answer and its end there is nothing to wait for
    return workers_.stop(answered ? kLastSteps : std::chrono::seconds(0)) && answered;
}

void Server::accept_clients() {
    constexpr int kAtATime = 64;  // then others get their turn
    for (int i = 0; i < kAtATime; ++i) {
        bool refused = false;
        Connection* const connection = accept_one(refused);
        if (connection != nullptr) {
            welcome(*connection, refused);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno == EBUSY) {
            listener_paused_ = true;  // until one of them is closed
            return;
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
Connection* Server::accept_one(bool& refused) {
    const std::lock_guard lock(mutex_);
    if (draining_) return errno = ESHUTDOWN, nullptr;
    if (connections_.size() >= limits_.max_connections + kRefusedAtOnce) return errno = EBUSY, nullptr;
    refused = connections_.size() >= limits_.max_connections;
    UniqueFd socket = accept_client(listener_);
    if (!socket.valid()) return nullptr;
    Connection& connection = connections_.emplace_front(*this, std::move(socket), ++accepted_);
    connection.position_ = connections_.begin();
    return &connection;
}

/// Whatever comes of it, a connection is closed by the worker that gets its next event, and not here: closing
/// discards what the client has sent ahead, which may hold descriptors that hang, and here all clients wait.
void Server::welcome(Connection& connection, bool refused) {
    if (services_.trace.on(TraceEvent::ConnectionAccepted))
        services_.trace.emit(TraceEvent::ConnectionAccepted, "{}", connection.to_string());
    if (refused) {
        services_.log.client(
            fmt::format("Refused a connection: {} are open (--max-connections)", limits_.max_connections));
        connection.expire();
    } else {
        connection.greet();
    }
    // Once it is in the queue, it belongs to whoever gets its first event.
    if (!queue_.add(connection.socket(), connection)) close(connection);
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

CommandResult Server::execute(const Request& request, MutableBytes data_in) {
    if (request.descriptor_lost) return CommandResult::of(ScsiStatus::Busy);
    if (request.is_cleanup()) return services_.device.clean_up(request.descriptor.ref());
    // The protocol carries 16 bits of the 32-bit PARAMETER LIST LENGTH; the device would expect what it was
    // not sent.
    if (request.cdb.is_persistent_reserve_out() &&
        request.cdb.parameter_list_length() != request.parameter_list.size())
        return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    return services_.device.execute({request.cdb, request.descriptor.ref(), request.parameter_list, data_in});
}

void Server::close(Connection& connection) {
    if (services_.trace.on(TraceEvent::ConnectionClosed))
        services_.trace.emit(TraceEvent::ConnectionClosed, "{}", connection.to_string());
    connection.owe(false);
    // A descriptor of an unfinished request, or of one that waits unread, may hang when it is closed. Its
    // connection counts until then, so that the limit on connections limits the threads that are lost to such
    // clients.
    ::shutdown(connection.socket().get(), SHUT_RDWR);
    connection.session_ = {};
    std::array<std::uint8_t, 4096> unread;
    while (receive(connection.socket(), unread, false).bytes > 0) {
    }
    std::list<Connection> closed;
    {
        const std::lock_guard lock(mutex_);
        closed.splice(closed.begin(), connections_, connection.position_);
        if (draining_ && connections_.empty()) drained_.notify_all();
    }
    closed.clear();
    resume_accepting();
}

void Server::signal_arrived() {
    while (signals_.read() != 0) {
    }
    begin_drain();
    queue_.arm(signals_.descriptor(), signal_source_);
}

void Server::begin_drain() {
    std::size_t executing = 0;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(draining_, true)) return;
        // What a client has sent already is still read, executed and answered; what it sends from now on
        // fails with EPIPE before a byte of it is taken, so it knows that the command was not executed.
        for (Connection& connection : connections_) {
            ::shutdown(connection.socket().get(), SHUT_RD);
            if (connection.executing()) ++executing;
        }
    }
    services_.manager.notify(fmt::format("STOPPING=1\nSTATUS=Finishing {} requests", executing));
    services_.trace.emit(TraceEvent::Drain, "{} requests in flight", executing);
    drained_.notify_all();
    withdraw_();
}

void Server::schedule_tick() {
    if (!tick_scheduled_.exchange(true)) timer_.start(tick_);
}

void Server::tick() {
    timer_.acknowledge();
    tick_scheduled_ = false;
    expire_overdue();
    resume_accepting();
    const bool watched = services_.manager.watchdog_interval().has_value();
    if (watched) services_.manager.notify("WATCHDOG=1");
    if (watched || owing_ > 0 || listener_paused_) schedule_tick();
    queue_.arm(timer_.descriptor(), timer_source_);
}

void Server::expire_overdue() {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    for (Connection& connection : connections_) {
        if (!connection.overdue(now, limits_.request_timeout)) continue;
        services_.log.client(fmt::format("Closing a connection that kept us waiting for more than {} ms ({})",
                                         limits_.request_timeout.count(), connection.to_string()));
        connection.expire();
    }
}

void Server::name_the_abandoned() {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    for (Connection& connection : connections_) {
        services_.log.write(
            fmt::format("Abandoned after {} s of waiting for the end: {} ({})",
                        std::chrono::duration_cast<std::chrono::seconds>(limits_.drain_timeout).count(),
                        connection.executing() ? connection.what_it_executes(now) : "an unfinished request",
                        connection.to_string()));
        // A thread that heeds no signal keeps the process's descriptors open; the client is told all the
        // same.
        connection.expire();
    }
}

}  // namespace prh
