// SPDX-License-Identifier: MIT
#include "server/connection.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "device/probes.h"
#include "scsi/names.h"
#include "server/server.h"
#include "wire/reply.h"

namespace prh {

Connection::Connection(Server& server, UniqueFd socket, std::shared_ptr<Peer> peer, std::uint64_t number)
    : server_(server), socket_(std::move(socket)), peer_(std::move(peer)), number_(number) {}

std::string Connection::to_string() const {
    return fmt::format("connection {}, pid {}, uid {}", number_, peer_->credentials().pid,
                       peer_->credentials().uid);
}

std::string Connection::title() const { return fmt::format("connection {}, {}", number_, peer_->title()); }

int Connection::greet() {
    if (const int error = take_descriptors_only(socket_.ref()); error != 0) return error;
    std::array<std::uint8_t, kHandshakeSize> features;
    store_be(features.data(), kServerFeatures);
    owe(true);
    const int error = send(socket_.ref(), features).error;  // a new socket has room for four bytes
    // A client that has closed the connection is noticed when the connection is read.
    return error == EPIPE || error == ECONNRESET ? 0 : error;
}

bool Connection::postpone() {
    wait_for_worker();
    return true;
}

void Connection::ready() {
    if (waiting_since_ != 0) called();  // it was postponed
    if (dismissed_) return server_.close(*this);
    if (!server_.begin_work(*this)) return;
    const Next next = expired_ ? Next::Close : unsent_.empty() ? receive_and_serve() : flush();
    if (next == Next::Close) {
        Server& server = server_;
        const std::shared_ptr<Peer> peer = peer_;
        server.close(*this);
        return server.end_work(*peer);
    }
    server_.end_work(*peer_);
    // Armed, the connection belongs to whoever gets its next event: nothing of it may be touched behind this
    // line.
    server_.queue_.arm(socket_.ref(), *this, interest());
}

Connection::Next Connection::receive_and_serve() {
    std::array<std::uint8_t, kMaximumDataLength> buffer;
    for (;;) {
        const std::size_t wanted = session_.wanted();
        Received received =
            receive(socket_.ref(), MutableBytes(buffer).first(wanted), session_.takes_descriptors());
        if (received.error == EAGAIN) break;
        if (received.error != 0) {
            server_.services_.log.client(
                fmt::format("Unable to read from socket: {} ({})", std::strerror(received.error), title()));
            return Next::Close;
        }
        if (received.end_of_file) {
            const auto violation = session_.end_of_file();
            const bool ended_by_us = expired_ || server_.ending();
            return violation && !ended_by_us ? violate(*violation) : Next::Close;
        }
        const auto violation = session_.feed(ConstBytes(buffer).first(received.bytes), received.taken(),
                                             received.descriptor_lost);
        if (violation) return violate(*violation);
        if (session_.complete()) return execute_and_answer();
        if (received.bytes < wanted) break;
    }
    owe(!session_.idle());
    return Next::Wait;
}

Connection::Next Connection::violate(ProtocolViolation violation) {
    server_.services_.counters.add(Counter::ProtocolViolations);
    probe::protocol_violation(number_, peer_->credentials(), describe(violation));
    server_.services_.trace.emit(TraceEvent::ProtocolViolation, "{}: {}", to_string(), describe(violation));
    server_.services_.log.client(fmt::format("{} ({})", describe(violation), title()));
    return Next::Close;
}

Connection::Next Connection::execute_and_answer() {
    owe(false);
    const Request& request = session_.request();
    const Cdb cdb = request.cdb;
    executing_cdb_.store(load_be<std::uint32_t>(request.cdb.bytes().data()), std::memory_order_relaxed);
    executing_since_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    probe::request_received(number_, peer_->credentials(), cdb);
    Trace& trace = server_.services_.trace;
    if (trace.on(TraceEvent::RequestReceived))
        trace.emit(TraceEvent::RequestReceived, "{}: {}", to_string(), prh::to_string(request.cdb));

    std::array<std::uint8_t, kReplyHeaderSize + kMaximumDataLength> reply;
    const std::size_t allocated =
        request.cdb.is_persistent_reserve_in() ? request.cdb.allocation_length() : 0;
    const MutableBytes data = MutableBytes(reply).subspan(kReplyHeaderSize, allocated);
    std::fill(data.begin(), data.end(),
              std::uint8_t{0});  // a device that fills less must not show another client's bytes

    const bool busy = request.descriptor_lost;
    server_.services_.counters.add(Counter::Requests);
    const CommandResult result = busy ? server_.busy(*peer_) : server_.execute(*this, data);
    PRH_CHECK(result.data_length <= data.size());
    PRH_CHECK(result.data_length == 0 || result.status == ScsiStatus::Good);
    // The reply says that the command is over: by then nothing of the client's disk is held open here.
    // Closing may block.
    session_.next();
    waited_ = {};
    executes_on(0);
    executing_since_.store(0, std::memory_order_relaxed);

    encode_reply_header(result, ReplyHeaderBytes(reply.data(), kReplyHeaderSize));
    const ConstBytes bytes = ConstBytes(reply).first(kReplyHeaderSize + result.data_length);
    probe::request_answered(number_, peer_->credentials(), cdb, result);
    if (trace.on(TraceEvent::RequestAnswered))
        trace.emit(TraceEvent::RequestAnswered, "{}: {}, {} bytes", to_string(), prh::to_string(result),
                   result.data_length);

    const Sent sent = send(socket_.ref(), bytes);
    if (sent.bytes == bytes.size()) return Next::Wait;
    unsent_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(sent.bytes), bytes.end());
    return flush();
}

Connection::Next Connection::flush() {
    const Sent sent = send(socket_.ref(), unsent_);
    if (sent.error != 0 && sent.error != EAGAIN) {
        if (!expired_)
            server_.services_.log.client(
                fmt::format("Unable to write to socket: {} ({})", std::strerror(sent.error), title()));
        return Next::Close;
    }
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent.bytes));
    answering_.store(!unsent_.empty(), std::memory_order_relaxed);
    owe(!unsent_.empty());
    if (!unsent_.empty()) return Next::Wait;
    unsent_ = std::vector<std::uint8_t>();  // "= {}" would keep the capacity
    return Next::Wait;
}

void Connection::owe(bool owing) {
    const bool already = owing_since_.load(std::memory_order_relaxed) != 0;
    if (owing == already) return;
    owing_since_.store(owing ? Clock::now().time_since_epoch().count() : 0, std::memory_order_relaxed);
    owing ? server_.something_owed() : server_.nothing_owed();
}

bool Connection::overdue(Clock::time_point now, std::chrono::milliseconds allowed) const {
    if (expired_ || waiting_since_ != 0) return false;  // in this order: see called()
    const Clock::rep since = owing_since_.load(std::memory_order_relaxed);
    return since != 0 && now - Clock::time_point(Clock::duration(since)) > allowed;
}

void Connection::wait_for_worker() { waiting_since_ = Clock::now().time_since_epoch().count(); }

void Connection::called() {
    waited_ += Clock::now() - Clock::time_point(Clock::duration(waiting_since_));
    if (owing_since_.load(std::memory_order_relaxed) != 0)
        owing_since_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    waiting_since_ = 0;  // last: who sees it sees the new deadline
}

void Connection::expire() {
    expired_ = true;
    ::shutdown(socket_.get(), SHUT_RDWR);
}

Cdb Connection::executing_cdb() const {
    std::array<std::uint8_t, Cdb::kSize> cdb{};
    store_be(cdb.data(), executing_cdb_.load(std::memory_order_relaxed));
    return Cdb(cdb);
}

std::string Connection::what_it_executes(Clock::time_point now) const {
    const Clock::time_point since{Clock::duration(executing_since_.load(std::memory_order_relaxed))};
    return fmt::format("{}, for {} s", name_of_action(executing_cdb()),
                       std::chrono::duration_cast<std::chrono::seconds>(now - since).count());
}

ConnectionState Connection::state(Clock::time_point now) const {
    ConnectionState state;
    state.number = number_;
    state.peer = peer_->credentials();
    state.peer_name = peer_->name();
    const auto become = [&](ConnectionActivity activity, const std::atomic<Clock::rep>& since) {
        const Clock::rep begun = since.load(std::memory_order_relaxed);
        if (begun == 0) return false;
        state.activity = activity;
        const auto age = std::max(Clock::duration(0), now - Clock::time_point(Clock::duration(begun)));
        state.age = std::chrono::duration_cast<std::chrono::microseconds>(age);
        return true;
    };
    const bool answering = answering_.load(std::memory_order_relaxed);
    if (become(ConnectionActivity::Executing, executing_since_)) {
        state.device = executing_device_.load(std::memory_order_relaxed);
        state.action = name_of_action(executing_cdb());
    } else if (!become(ConnectionActivity::Waiting, waiting_since_)) {
        become(answering ? ConnectionActivity::Answering : ConnectionActivity::Receiving, owing_since_);
    }
    return state;
}

}  // namespace prh
