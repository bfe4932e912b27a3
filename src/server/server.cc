// SPDX-License-Identifier: MIT
#include "server/server.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "device/probes.h"

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

Result<std::unique_ptr<Server>> Server::create(const Services& services, const Limits& limits,
                                               const Policy& policy, FdRef listener, Signals signals,
                                               std::function<void()> withdraw) {
    auto timer = Timer::create();
    if (!timer) return tl::unexpected<Error>(timer.error());
    auto queue = ReadyQueue::create();
    if (!queue) return tl::unexpected<Error>(queue.error());
    return std::unique_ptr<Server>(new Server(services, limits, policy, listener, std::move(signals),
                                              std::move(*timer), std::move(*queue), std::move(withdraw)));
}

Server::Server(const Services& services, const Limits& limits, const Policy& policy, FdRef listener,
               Signals signals, Timer timer, ReadyQueue queue, std::function<void()> withdraw)
    : services_(services),
      limits_(limits),
      policy_(policy),
      nexus_watch_(services.device, policy.shared_nexus, services.log, services.counters, services.names),
      listener_(listener),
      signals_(std::move(signals)),
      timer_(std::move(timer)),
      queue_(std::move(queue)),
      withdraw_(std::move(withdraw)),
      tick_(tick_interval(limits, services.manager)),
      workers_(queue_, [this](std::string_view text) {
          services_.log.client(text);
          schedule_tick();
      }) {}

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

/// A client may hang a worker, by a disk or by a descriptor that does not let itself be closed: each process
/// has a number of them, and hangs itself beyond it.
bool Server::begin_work(Connection& connection) {
    const std::shared_ptr<Peer> peer = connection.peer();
    if (peer->begin_work(limits_.max_requests_per_process, connection)) return true;
    // It belongs to others from here on.
    services_.counters.add(Counter::DelayedRequests);
    services_.log.client(
        fmt::format("A request of {} waits: {} of that process are in flight (--max-requests-per-process)",
                    peer->title(), limits_.max_requests_per_process));
    schedule_tick();
    return false;
}

void Server::end_work(Peer& peer) {
    if (Connection* const next = peer.end_work()) queue_.arm(next->socket(), *next, next->interest());
}

/// Connections that wait for a worker are not in the queue, so nobody hears that their clients have gone.
/// True if any still waits.
bool Server::close_the_gone() {
    std::vector<std::shared_ptr<Peer>> peers;
    {
        const std::lock_guard lock(mutex_);
        peers = peers_.all();
    }
    bool any = false;
    for (const auto& peer : peers) {
        for (Connection* const connection : peer->take_gone()) {
            connection->dismiss();
            queue_.arm(connection->socket(), *connection, Interest::Readable);
        }
        any = peer->anyone_waits() || any;
    }
    return any;
}

CommandResult Server::execute(Connection& connection, MutableBytes data_in) {
    using std::chrono::duration_cast, std::chrono::microseconds;
    const Request& request = connection.session_.request();
    std::uint32_t device = 0;
    if (services_.ledger != nullptr) {
        device = services_.ledger->enter(request.descriptor.ref());
        connection.executes_on(device);
    }
    const bool audited = services_.audit != nullptr && services_.audit->wants(request);
    std::vector<std::string> paths_used;
    const auto begun = Clock::now();
    const CommandResult result = nexus_watch_.execute(
        connection.peer_, request, [&] { return send(request, data_in, audited ? &paths_used : nullptr); });
    if (!audited && services_.ledger == nullptr) return result;
    const auto taken = duration_cast<microseconds>(Clock::now() - begun);
    const auto queued = duration_cast<microseconds>(connection.waited_);
    if (services_.ledger != nullptr)
        services_.ledger->record(device, connection.peer_->identity(), request.cdb, result, queued, taken);
    if (audited)
        services_.audit->record(connection.peer_->identity(), request,
                                services_.device.identify(request.descriptor.ref()), std::move(paths_used),
                                result, queued, taken);
    return result;
}

ServerState Server::state() {
    ServerState state;
    state.limits = limits_;
    state.shared_nexus = policy_.shared_nexus;
    for (std::size_t i = 0; i < kCounterCount; ++i) {
        const auto counter = static_cast<Counter>(i);
        state.counters.emplace_back(name(counter), services_.counters.value(counter));
    }
    state.counters.emplace_back("log_lines_left_out", services_.log.left_out());
    if (services_.audit != nullptr && services_.audit->file() != nullptr)
        state.counters.emplace_back("audit_dropped", services_.audit->file()->dropped());
    {
        const std::lock_guard lock(mutex_);
        state.draining = draining_;
        const auto now = Clock::now();
        for (const Connection& connection : connections_) state.connections.push_back(connection.state(now));
    }
    for (DeviceLedger::Device& device : services_.ledger->devices()) {
        DeviceState one{std::move(device), {}, {}};
        one.paths = services_.device.paths(one.device.identity);
        for (const auto& peer : nexus_watch_.registrants(one.device.identity.nexuses))
            one.registrants.emplace_back(peer->credentials().pid, peer->name());
        state.devices.push_back(std::move(one));
    }
    state.dependencies = services_.device.dependencies();
    state.queued = services_.ledger->queued();
    state.on_device = services_.ledger->on_device();
    return state;
}

CommandResult Server::busy(const Peer& peer) {
    services_.counters.add(Counter::RefusedRequests);
    services_.log.client(
        fmt::format("Answered BUSY to a request of {}: its descriptor cannot be taken, too many are open "
                    "(LimitNOFILE=)",
                    peer.title()));
    return CommandResult::of(ScsiStatus::Busy);
}

CommandResult Server::send(const Request& request, MutableBytes data_in,
                           std::vector<std::string>* paths_used) {
    // The protocol carries 16 bits of the 32-bit PARAMETER LIST LENGTH; the device would expect what it was
    // not sent.
    if (request.cdb.is_persistent_reserve_out() &&
        request.cdb.parameter_list_length() != request.parameter_list.size())
        return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    return services_.device.execute(
        {request.cdb, request.descriptor.ref(), request.parameter_list, data_in, paths_used});
}

void Server::close(Connection& connection) {
    probe::connection_closed(connection.number_, connection.peer()->credentials());
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
        if (connection.refused()) --refused_;
        if (peers_.leave(*connection.peer())) nexus_watch_.forget(*connection.peer());
        if (draining_ && connections_.empty()) drained_.notify_all();
    }
    closed.clear();
    resume_accepting();
}

void Server::signal_arrived() {
    for (int number; (number = signals_.read()) != 0;) {
        if (number == SIGUSR1)
            services_.audit->file()->reopen();  // taken over only where there is one
        else
            begin_drain();
    }
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
    probe::drain(executing);
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
    const bool anyone_waits = close_the_gone();
    const bool anyone_postponed = workers_.run_postponed();
    resume_accepting();
    const bool watched = services_.manager.watchdog_interval().has_value();
    if (watched) services_.manager.notify("WATCHDOG=1");
    if (watched || owing_ > 0 || anyone_waits || anyone_postponed || listener_paused_) schedule_tick();
    queue_.arm(timer_.descriptor(), timer_source_);
}

void Server::expire_overdue() {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    for (Connection& connection : connections_) {
        if (!connection.overdue(now, limits_.request_timeout)) continue;
        services_.counters.add(Counter::OverdueConnections);
        services_.log.client(fmt::format("Closing a connection that kept us waiting for more than {} ms ({})",
                                         limits_.request_timeout.count(), connection.title()));
        connection.expire();
    }
}

void Server::name_the_abandoned() {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    for (Connection& connection : connections_) {
        services_.counters.add(Counter::AbandonedRequests);
        services_.log.write(
            fmt::format("Abandoned after {} s of waiting for the end: {} ({})",
                        std::chrono::duration_cast<std::chrono::seconds>(limits_.drain_timeout).count(),
                        connection.executing() ? connection.what_it_executes(now) : "an unfinished request",
                        connection.title()));
        // A thread that heeds no signal keeps the process's descriptors open; the client is told all the
        // same.
        connection.expire();
    }
}

}  // namespace prh
