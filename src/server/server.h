// SPDX-License-Identifier: MIT
// The server: accepts clients on one listening socket and serves each request by the device it is given,
// until it is told to end.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "device/reservation_device.h"
#include "observe/counters.h"
#include "observe/log.h"
#include "observe/trace.h"
#include "os/event_sources.h"
#include "os/ready_queue.h"
#include "os/service_manager.h"
#include "server/audit.h"
#include "server/client_names.h"
#include "server/connection.h"
#include "server/device_ledger.h"
#include "server/limits.h"
#include "server/nexus_watch.h"
#include "server/peers.h"
#include "server/policy.h"
#include "server/server_state.h"
#include "server/workers.h"

namespace prh {

class Server {
  public:
    struct Services {
        ReservationDevice& device;
        Log& log;
        Trace& trace;
        Counters& counters;
        const ServiceManager& manager;
        Audit* audit;          ///< null: none
        DeviceLedger* ledger;  ///< null: nobody can ask for it
        ClientNames& names;
    };

    /// `signals`: SIGUSR1 opens the audit file anew, any other begins the end. `withdraw`: called once, when
    /// it begins: nobody can connect from then on.
    static Result<std::unique_ptr<Server>> create(const Services& services, const Limits& limits,
                                                  const Policy& policy, FdRef listener, Signals signals,
                                                  std::function<void()> withdraw);

    /// What it does and has done, at any time; `services.ledger` must be there.
    ServerState state();

    /// From here on clients are served.
    Status start();
    /// Waits for the end: true if every request was answered, false if some were abandoned after
    /// Limits::drain_timeout. Then their threads are still in the kernel, and the process may only be left
    /// with _exit(2).
    bool wait();

  private:
    friend class Connection;
    using Clock = Connection::Clock;

    /// A source whose readiness is a member function of the server.
    class Source final : public ReadySource {
      public:
        Source(Server& server, void (Server::*run)()) : server_(server), run_(run) {}
        void ready() override { (server_.*run_)(); }

      private:
        Server& server_;
        void (Server::*run_)();
    };

    Server(const Services& services, const Limits& limits, const Policy& policy, FdRef listener,
           Signals signals, Timer timer, ReadyQueue queue, std::function<void()> withdraw);

    void accept_clients();
    enum class Admission { Granted, TooMany, TooManyOfUser, NotAllowed };
    Connection* accept_one(Admission& admission);
    Admission admit(FdRef socket, const PeerCredentials& credentials) const;
    void welcome(Connection& connection, Admission admission);
    std::string refusal(Admission admission, const PeerCredentials& peer);
    CommandResult execute(Connection& connection, MutableBytes data_in);
    CommandResult send(const Request& request, MutableBytes data_in, std::vector<std::string>* paths_used);
    CommandResult busy(const Peer& peer);
    bool begin_work(Connection& connection);
    void end_work(Peer& peer);
    bool close_the_gone();
    bool ending() {
        const std::lock_guard lock(mutex_);
        return draining_;
    }
    void signal_arrived();
    void begin_drain();
    void tick();
    void schedule_tick();
    void pause_accepting(int code);
    void resume_accepting();
    void expire_overdue();
    void close(Connection& connection);
    void something_owed() {
        owing_.fetch_add(1);
        schedule_tick();
    }
    void nothing_owed() { owing_.fetch_sub(1); }
    void name_the_abandoned();

    const Services services_;
    const Limits limits_;
    const Policy policy_;
    NexusWatch nexus_watch_;
    const FdRef listener_;
    Signals signals_;
    Timer timer_;
    ReadyQueue queue_;
    const std::function<void()> withdraw_;
    const std::chrono::milliseconds tick_;
    Source listener_source_{*this, &Server::accept_clients};
    Source signal_source_{*this, &Server::signal_arrived};
    Source timer_source_{*this, &Server::tick};
    Workers workers_;

    std::atomic<std::size_t> owing_ = 0;  // connections whose deadline runs
    std::atomic<bool> tick_scheduled_ = false;
    std::atomic<bool> listener_paused_ = false;

    std::mutex mutex_;
    std::condition_variable drained_;
    Peers peers_;
    std::list<Connection> connections_;
    std::size_t refused_ = 0;  // of them
    std::uint64_t accepted_ = 0;
    bool draining_ = false;
};

}  // namespace prh
