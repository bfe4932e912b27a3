// SPDX-License-Identifier: MIT
#include "server/workers.h"

#include <pthread.h>

#include <cerrno>

namespace prh {
namespace {

// A worker's frames are small, but for its reply buffer (8 KiB). Address space only: untouched pages cost
// nothing.
constexpr std::size_t kStackSize = 256 * 1024;

}  // namespace

Status Workers::start() {
    const std::lock_guard lock(mutex_);
    if (!start_one()) return fail_errno("Failed to start a thread", EAGAIN);
    return {};
}

bool Workers::start_one() {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kStackSize);
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    const int code = ::pthread_create(&thread, &attributes, &Workers::run, this);
    ::pthread_attr_destroy(&attributes);
    if (code != 0) return false;
    ++waiting_;
    ++total_;
    return true;
}

void* Workers::run(void* self) {
    static_cast<Workers*>(self)->work();
    return nullptr;
}

void Workers::work() {
    for (;;) {
        ReadySource* source = take_postponed();
        if (source == nullptr) {
            source = queue_.wait(ReadyQueue::kForever);
            if (source == nullptr) {
                if (end_if_stopping()) return;
                continue;
            }
            if (!before_work(*source)) continue;
        }
        source->ready();
        if (!after_work()) return;
    }
}

/// The longest waiting one, if any, as soon as somebody else waits for events.
ReadySource* Workers::take_postponed() {
    const std::lock_guard lock(mutex_);
    if (postponed_.empty() || waiting_ < 2) return nullptr;
    --waiting_;
    ReadySource* const source = postponed_.front();
    postponed_.pop_front();
    return source;
}

/// False if the source was postponed, and this worker waits on.
bool Workers::before_work(ReadySource& source) {
    {
        const std::lock_guard lock(mutex_);
        --waiting_;
        if (waiting_ > 0 || stopping_ || ensure_another_waits() || !source.postpone()) return true;
        ++waiting_;
        postponed_.push_back(&source);
    }
    report_("No further thread can be started: clients wait until one is free");
    return false;
}

bool Workers::run_postponed() {
    const std::lock_guard lock(mutex_);
    if (postponed_.empty()) return false;
    if (!stopping_) start_one();
    return true;
}

bool Workers::ensure_another_waits() {
    if (parked_ == calls_) return start_one();
    ++calls_;
    ++waiting_;
    called_.notify_one();
    return true;
}

/// False if this worker is to end.
bool Workers::after_work() {
    std::unique_lock lock(mutex_);
    if (waiting_ < kWaiting || !postponed_.empty() || stopping_) {
        ++waiting_;
        return true;
    }
    ++parked_;
    const bool called = called_.wait_for(lock, kIdleTime, [this] { return calls_ > 0 || stopping_; });
    --parked_;
    if (called && calls_ > 0) {
        --calls_;  // whoever called has counted this worker among the waiting
        return true;
    }
    end_one();
    return false;
}

bool Workers::end_if_stopping() {
    const std::lock_guard lock(mutex_);
    if (!stopping_) return false;
    --waiting_;
    end_one();
    return true;
}

void Workers::end_one() {
    if (--total_ == 0) ended_.notify_all();
}

bool Workers::stop(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    queue_.close();
    called_.notify_all();
    return ended_.wait_for(lock, patience, [this] { return total_ == 0; });
}

}  // namespace prh
