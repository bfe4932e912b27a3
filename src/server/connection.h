// SPDX-License-Identifier: MIT
// One client: its socket, where its conversation stands, and what of a reply it has not taken yet. Run by one
// worker at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "os/ready_queue.h"
#include "server/peers.h"
#include "server/server_state.h"
#include "wire/session.h"

namespace prh {

class Server;

class Connection final : public ReadySource {
  public:
    using Clock = std::chrono::steady_clock;

    Connection(Server& server, UniqueFd socket, std::shared_ptr<Peer> peer, std::uint64_t number);
    ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// A worker has it: reads what is there, executes a whole request and answers it, and arms the socket
    /// again or ends. Where its process has too many workers already, it waits for one of those.
    void ready() override;
    /// A client may hang whoever receives from it: a descriptor that is dropped may block as one that is
    /// closed.
    bool postpone() override;

    /// Zero, or errno: then the client would wait for its greeting for ever.
    int greet();
    FdRef socket() const { return socket_.ref(); }
    const std::shared_ptr<Peer>& peer() const { return peer_; }
    /// "connection 5, pid 4242, uid 107", for the trace.
    std::string to_string() const;
    /// "connection 5, VM db1 (pid 4242, uid 107)", as far as the name is known; for the log.
    std::string title() const;

    /// Read by whoever looks after deadlines and the drain, at any time.
    bool overdue(Clock::time_point now, std::chrono::milliseconds allowed) const;
    /// Ends the conversation from outside: whoever has the connection, or gets it next, sees the end of the
    /// stream.
    void expire();
    /// It cannot be talked to. Called before it is in the queue; the worker that gets its next event closes
    /// it.
    void give_up() {
        dismiss();
        expire();
    }
    /// Nothing more is to be read from it: it is closed without a worker of its process' own.
    void dismiss() { dismissed_ = true; }
    /// It is not let in. Called before it is in the queue.
    void refuse() {
        refused_ = true;
        give_up();
    }
    bool refused() const { return refused_; }
    /// While it waits for a worker, no deadline runs: it is not the client who is waited for.
    void wait_for_worker();
    void called();
    /// Asked while it waits for a worker: its client has closed it, or was expired, and closing it cannot
    /// hang on a descriptor that was taken.
    bool is_gone() const { return !session_.holds_descriptor() && (expired_ || hung_up(socket_.ref())); }
    bool executing() const { return executing_since_.load(std::memory_order_relaxed) != 0; }
    /// May be asked at any time.
    ConnectionState state(Clock::time_point now) const;
    /// "PERSISTENT RESERVE OUT, RESERVE, … for 12 s", of a connection that is executing.
    std::string what_it_executes(Clock::time_point now) const;
    void executes_on(std::uint32_t device) { executing_device_.store(device, std::memory_order_relaxed); }

  private:
    friend class Server;
    enum class Next { Wait, Close };  // Wait: for what interest() says

    Cdb executing_cdb() const;
    Interest interest() const { return unsent_.empty() ? Interest::Readable : Interest::Writable; }
    Next receive_and_serve();
    Next execute_and_answer();
    Next flush();
    Next violate(ProtocolViolation violation);
    void owe(bool owing);  // the client has to send us something, or to take something: a deadline runs

    Server& server_;
    UniqueFd socket_;
    Session session_;
    std::vector<std::uint8_t> unsent_;
    const std::shared_ptr<Peer> peer_;
    const std::uint64_t number_;
    std::atomic<Clock::rep> owing_since_ = 0;       // 0: nothing is owed
    std::atomic<Clock::rep> executing_since_ = 0;   // 0: not executing
    std::atomic<std::uint32_t> executing_cdb_ = 0;  // bytes 0..3 of it
    std::atomic<bool> answering_ = false;           // there is something unsent
    std::atomic<bool> expired_ = false;
    std::atomic<bool> dismissed_ = false;
    bool refused_ = false;
    std::atomic<std::uint32_t> executing_device_ = 0;  // DeviceLedger's number
    std::atomic<Clock::rep> waiting_since_ = 0;        // for a worker; 0: not waiting
    Clock::duration waited_{};                         // for a worker, since the last request
    std::list<Connection>::iterator position_;         // in the server's list
};

}  // namespace prh
