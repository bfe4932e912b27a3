// SPDX-License-Identifier: MIT
#include "multipath/retry_thread.h"

#include <system_error>

namespace prh {

RetryThread::~RetryThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void RetryThread::wake() {
    const std::lock_guard lock(mutex_);
    const auto soon = Clock::now() + delay_;
    if (!next_ || soon < *next_) next_ = soon;
    if (!thread_.joinable()) {
        try {
            thread_ = std::thread([this] { run(); });
        } catch (const std::system_error&) {  // there is no thread to be had now; the next wake() tries again
        }
    }
    changed_.notify_all();
}

void RetryThread::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        if (!next_) {
            changed_.wait(lock);
        } else if (Clock::now() < *next_) {
            changed_.wait_until(lock, *next_);
        } else {
            next_.reset();
            lock.unlock();
            const auto again = work_();
            lock.lock();
            if (again && (!next_ || *again < *next_)) next_ = again;
        }
    }
}

}  // namespace prh
