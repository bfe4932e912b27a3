// SPDX-License-Identifier: MIT
#include "os/ready_queue.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>

#include "base/check.h"

#ifdef __SANITIZE_THREAD__
extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);  // libtsan
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);
#endif

namespace prh {
namespace {

/// ThreadSanitizer counts a close(2) of a descriptor on which another thread's epoll_ctl(2) has not returned
/// yet as a race. Here it is the hand-over itself: as soon as the descriptor is armed the next worker may own
/// it, and close it, before the call returns; the kernel holds the file meanwhile. A suppression by name
/// would not do: where no descriptor is left, ThreadSanitizer cannot find names.
int hand_to_epoll(FdRef epoll, int operation, FdRef descriptor, epoll_event& event) {
#ifdef __SANITIZE_THREAD__
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    const int result = ::epoll_ctl(epoll.get(), operation, descriptor.get(), &event);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    return result;
#else
    return ::epoll_ctl(epoll.get(), operation, descriptor.get(), &event);
#endif
}

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
    if (hand_to_epoll(epoll_.ref(), EPOLL_CTL_ADD, descriptor, event) != 0)
        return fail_errno("epoll_ctl", errno);
    return {};
}

void ReadyQueue::arm(FdRef descriptor, ReadySource& source, Interest interest) {
    epoll_event event = event_for(source, interest);
    source.hand_over();
    PRH_CHECK(hand_to_epoll(epoll_.ref(), EPOLL_CTL_MOD, descriptor, event) == 0);
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
