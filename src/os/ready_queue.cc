// SPDX-License-Identifier: MIT
#include "os/ready_queue.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>

#include "base/check.h"

namespace prh {
namespace {

epoll_event event_for(ReadySource& source, Interest interest) {
    epoll_event event{};
    event.events =
        static_cast<std::uint32_t>((interest == Interest::Readable ? EPOLLIN : EPOLLOUT) | EPOLLONESHOT);
    event.data.ptr = &source;
    return event;
}

}  // namespace

Result<ReadyQueue> ReadyQueue::create() {
    UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll.valid()) return fail_errno("epoll_create1", errno);
    UniqueFd closed(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!closed.valid()) return fail_errno("eventfd", errno);
    epoll_event event{};
    event.events = EPOLLIN;  // level-triggered and without a source: never consumed, seen by all
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, closed.get(), &event) != 0)
        return fail_errno("epoll_ctl", errno);
    return ReadyQueue(std::move(epoll), std::move(closed));
}

Status ReadyQueue::add(FdRef descriptor, ReadySource& source, Interest interest) {
    epoll_event event = event_for(source, interest);
    source.hand_over();
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor.get(), &event) != 0)
        return fail_errno("epoll_ctl", errno);
    return {};
}

void ReadyQueue::arm(FdRef descriptor, ReadySource& source, Interest interest) {
    epoll_event event = event_for(source, interest);
    source.hand_over();
    PRH_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor.get(), &event) == 0);
}

void ReadyQueue::close() { PRH_CHECK(::eventfd_write(closed_.get(), 1) == 0); }

ReadySource* ReadyQueue::wait(std::chrono::milliseconds timeout) const {
    epoll_event event{};
    const int found = ::epoll_wait(epoll_.get(), &event, 1, static_cast<int>(timeout.count()));
    auto* const source = found == 1 ? static_cast<ReadySource*>(event.data.ptr) : nullptr;
    if (source != nullptr) source->take_over();
    return source;
}

}  // namespace prh
