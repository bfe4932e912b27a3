// SPDX-License-Identifier: MIT
// Threads that carry commands: who waits for them, and who does not.
#include "multipath/couriers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "support/process.h"

namespace prh::test {
namespace {

using namespace std::chrono_literals;

/// What a disk that hangs is waiting for.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

Couriers::Clock::time_point in(std::chrono::milliseconds time) { return Couriers::Clock::now() + time; }

TEST(Couriers, HaveNoThreadBeforeThereIsWork) {
    Couriers couriers;
    EXPECT_EQ(couriers.threads(), 0U);
    EXPECT_TRUE(couriers.run({}, in(1s)).empty());
    EXPECT_EQ(couriers.threads(), 0U);
}

TEST(Couriers, WorkAtTheSameTime) {
    Couriers couriers;
    std::atomic<int> present = 0;
    const auto meet = [&present] {
        ++present;
        while (present < 3) std::this_thread::yield();
    };
    EXPECT_EQ(couriers.run({meet, meet, meet}, in(30s)), (std::vector<bool>{true, true, true}));
    EXPECT_EQ(couriers.threads(), 3U);
}

TEST(Couriers, AreUsedAgain) {
    Couriers couriers;
    int jobs = 0;
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(couriers.run({[&] { ++jobs; }}, in(30s)), std::vector<bool>{true});
    EXPECT_EQ(jobs, 100);
    EXPECT_LT(couriers.threads(), 50U) << "a few: one may not have come home yet when the next job comes";
}

TEST(Couriers, AreNotWaitedForBeyondTheDeadline) {
    Couriers couriers;
    const auto gate = std::make_shared<Gate>();
    const auto done = std::make_shared<std::atomic<bool>>(false);
    const auto hang = [gate, done] {
        gate->pass();
        *done = true;
    };
    // That it returns at all, with the gate shut, is the point. On a slow machine the others need a later
    // deadline to be seen as ended.
    std::vector<bool> ended;
    auto time = 50ms;
    do ended = couriers.run({[] {}, hang, [] {}}, in(time));
    while (ended != std::vector<bool>{true, false, true} && (time *= 2) < 30s);
    EXPECT_EQ(ended, (std::vector<bool>{true, false, true}));
    EXPECT_EQ(couriers.run({[] {}}, in(30s)), std::vector<bool>{true}) << "others go on";
    gate->open();
    EXPECT_TRUE(eventually([&] { return done->load(); }));
}

TEST(Couriers, EndWithoutThoseThatAreStuck) {
    const std::size_t threads = thread_statuses(::getpid()).size();
    const auto gate = std::make_shared<Gate>();
    const auto done = std::make_shared<std::atomic<bool>>(false);
    {
        Couriers couriers;
        EXPECT_EQ(couriers.run({[gate, done] {
                                   gate->pass();
                                   *done = true;
                               }},
                               in(10ms)),
                  std::vector<bool>{false});
    }
    EXPECT_FALSE(*done);
    gate->open();
    EXPECT_TRUE(eventually([&] { return done->load(); }));
    EXPECT_TRUE(eventually([&] { return thread_statuses(::getpid()).size() <= threads; }));
}

TEST(Couriers, LeaveWhenThereIsNothingToDo) {
    Couriers couriers(20ms);
    couriers.run({[] {}, [] {}}, in(30s));
    EXPECT_TRUE(eventually([&] { return couriers.threads() == 0; }));
    EXPECT_EQ(couriers.run({[] {}}, in(30s)), std::vector<bool>{true}) << "and come when there is again";
}

TEST(Couriers, LeaveAndAreCalledAtTheSameMoment) {
    Couriers couriers(1ms);
    std::atomic<int> jobs = 0;
    for (int i = 0; i < 200; ++i) {
        std::this_thread::sleep_for(1ms);  // the idle time: each job comes as the thread leaves
        EXPECT_EQ(couriers.run({[&] { ++jobs; }}, in(30s)), std::vector<bool>{true});
    }
    EXPECT_EQ(jobs, 200);
}

TEST(Couriers, ServeManyAtOnce) {
    Couriers couriers;
    std::atomic<int> jobs = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i)
        callers.emplace_back([&] {
            for (int j = 0; j < 100; ++j) couriers.run({[&] { ++jobs; }, [&] { ++jobs; }}, in(30s));
        });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(jobs, 1600);
}

}  // namespace
}  // namespace prh::test
