// SPDX-License-Identifier: MIT
#include "server/control.h"

#include <poll.h>

#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "os/unix_socket.h"

namespace prh {

Result<std::unique_ptr<Control>> Control::open(const ControlSettings& settings) {
    auto wakeup = Wakeup::create();
    if (!wakeup) return tl::unexpected<Error>(wakeup.error());
    SocketOwnership ownership = settings.ownership;
    if (!ownership.mode) ownership.mode = ownership.group ? 0660 : 0600;
    auto socket = PublishedSocket::publish(settings.path, ownership);
    if (!socket) return tl::unexpected<Error>(socket.error());
    return std::unique_ptr<Control>(new Control(std::move(*socket), std::move(*wakeup)));
}

Status Control::start(std::function<std::string()> state) {
    state_ = std::move(state);
    if (const int code = ::pthread_create(&thread_, nullptr, &Control::run, this); code != 0)
        return fail_errno("Failed to start a thread", code);
    started_ = true;
    return {};
}

Status Control::withdraw() {
    withdrawn_ = true;  // from here on its descriptor is always ready, for nothing
    wakeup_.call();
    return socket_.withdraw();
}

bool Control::finish() {
    if (!std::exchange(started_, false)) return true;
    ending_ = true;
    wakeup_.call();
    std::unique_lock lock(mutex_);
    const bool ended = changed_.wait_for(lock, std::chrono::seconds(2), [this] { return ended_; });
    lock.unlock();
    ended ? ::pthread_join(thread_, nullptr) : ::pthread_detach(thread_);
    return ended;
}

void* Control::run(void* self) {
    static_cast<Control*>(self)->work();
    return nullptr;
}

void Control::work() {
    serve();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

void Control::serve() {
    std::vector<pollfd> polled;
    for (bool ending = false; !ending;) {
        polled.assign({{wakeup_.descriptor().get(), POLLIN, 0}});
        bool timed = std::exchange(exhausted_, false);
        const bool waits = timed;  // the listener would be ready at once, and for nothing
        for (const ControlClient& client : clients_) {
            polled.push_back({client.socket().get(), client.events(), 0});
            timed = timed || client.timed();
        }
        const bool room = !withdrawn_ && !waits && clients_.size() < kClients;
        if (room) polled.push_back({socket_.listener().get(), POLLIN, 0});
        constexpr int kTick = 1000;  // ms, to look after deadlines
        ::poll(polled.data(), polled.size(), timed ? kTick : -1);

        if (polled.front().revents != 0) wakeup_.acknowledge();
        ending = ending_;  // records that were published before are still handed out below
        const auto now = ControlClient::Clock::now();
        auto arrived = polled.begin();
        clients_.remove_if([&](ControlClient& client) {
            const short events = (++arrived)->revents;
            return !client.go_on(events, state_) || client.overdue(now);
        });
        if (room && polled.back().revents != 0 && !withdrawn_ && !ending) accept_some();
    }
    clients_.clear();
}

void Control::accept_some() {
    while (clients_.size() < kClients) {
        UniqueFd socket = accept_client(socket_.listener());
        if (!socket.valid()) {
            exhausted_ = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
            return;
        }
        clients_.emplace_back(std::move(socket), stream_);
    }
}

}  // namespace prh
