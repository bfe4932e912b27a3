// SPDX-License-Identifier: MIT
#include "multipath/couriers.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace prh {

struct Couriers::Pool {
    explicit Pool(std::chrono::milliseconds time) : idle_time(time) {}

    const std::chrono::milliseconds idle_time;
    std::mutex mutex;
    std::condition_variable gone;  // a thread has ended
    std::vector<std::shared_ptr<Courier>>
        idle;  // the one that waited least is last, and is taken first: it is warm
    std::size_t threads = 0;
    bool closing = false;
};

/// One thread, and what it is called with; both live until the last has let go.
class Couriers::Courier : public std::enable_shared_from_this<Courier> {
  public:
    Courier(std::shared_ptr<Pool> pool, Job first) : pool_(std::move(pool)), job_(std::move(first)) {}

    static bool start(const std::shared_ptr<Pool>& pool, const Job& first) {
        pthread_attr_t attributes;
        if (::pthread_attr_init(&attributes) != 0) return false;
        ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        ::pthread_attr_setstacksize(&attributes, kStack);
        auto courier = std::make_unique<std::shared_ptr<Courier>>(std::make_shared<Courier>(pool, first));
        pthread_t thread;
        const bool started = ::pthread_create(&thread, &attributes, &Courier::body, courier.get()) == 0;
        ::pthread_attr_destroy(&attributes);
        if (started) static_cast<void>(courier.release());  // it is the thread's
        return started;
    }

    /// It waits, and has been taken out of the idle ones. `lock`: the pool's.
    void take(const Job& job, std::unique_lock<std::mutex>& lock) {
        job_ = job;
        lock.unlock();  // before the call, or whoever wakes would at once wait for the lock
        called_.notify_one();
    }
    void leave() { called_.notify_one(); }

  private:
    static constexpr std::size_t kStack = 192 * 1024;  // an ioctl, and the sanitizers' frames

    static void* body(void* courier) {
        const std::unique_ptr<std::shared_ptr<Courier>> self(static_cast<std::shared_ptr<Courier>*>(courier));
        (*self)->run();
        return nullptr;
    }

    void run() {
        std::unique_lock lock(pool_->mutex, std::defer_lock);
        do {
            job_();
            job_ = nullptr;  // with what it holds, before anybody else is waited for
            lock.lock();
            if (!wait_for_job(lock)) break;
            lock.unlock();
        } while (true);
        --pool_->threads;
        pool_->gone.notify_all();
    }

    bool wait_for_job(std::unique_lock<std::mutex>& lock) {
        if (pool_->closing) return false;
        pool_->idle.push_back(shared_from_this());
        called_.wait_for(lock, pool_->idle_time, [this] { return job_ != nullptr || pool_->closing; });
        if (job_ != nullptr) return true;
        std::erase_if(pool_->idle, [this](const auto& courier) { return courier.get() == this; });
        return false;
    }

    const std::shared_ptr<Pool> pool_;
    std::condition_variable called_;
    Job job_;
};

Couriers::Couriers(std::chrono::milliseconds idle_time) : pool_(std::make_shared<Pool>(idle_time)) {}

Couriers::~Couriers() {
    std::unique_lock lock(pool_->mutex);
    pool_->closing = true;
    for (const auto& courier : pool_->idle) courier->leave();
    // Those that were idle remove themselves; what works has a disk's time and not ours.
    pool_->gone.wait(lock, [this] { return pool_->idle.empty(); });
}

bool Couriers::hand_over(const Job& job) {
    std::unique_lock lock(pool_->mutex);
    if (!pool_->idle.empty()) {
        const std::shared_ptr<Courier> courier = std::move(pool_->idle.back());
        pool_->idle.pop_back();
        courier->take(job, lock);
        return true;
    }
    ++pool_->threads;
    lock.unlock();
    if (Courier::start(pool_, job)) return true;
    lock.lock();
    --pool_->threads;
    return false;
}

std::vector<bool> Couriers::run(std::vector<Job> jobs, Clock::time_point deadline) {
    struct Round {
        std::mutex mutex;
        std::condition_variable ended;
        std::vector<bool> has_ended;
        std::size_t outstanding;
    };
    const auto round = std::make_shared<Round>();
    round->has_ended.resize(jobs.size());
    round->outstanding = jobs.size();
    std::vector<Job> without_thread;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const Job errand = [round, i, job = std::move(jobs[i])] {
            job();
            std::unique_lock lock(round->mutex);
            round->has_ended[i] = true;
            const bool is_last = --round->outstanding == 0;
            lock.unlock();
            if (is_last) round->ended.notify_one();
        };
        if (!hand_over(errand)) without_thread.push_back(errand);
    }
    for (const Job& errand : without_thread) errand();

    std::unique_lock lock(round->mutex);
    round->ended.wait_until(lock, deadline, [&] { return round->outstanding == 0; });
    return round->has_ended;
}

void Couriers::start(const Job& job) {
    if (!hand_over(job)) job();
}

std::size_t Couriers::threads() const {
    const std::lock_guard lock(pool_->mutex);
    return pool_->threads;
}

}  // namespace prh
