// SPDX-License-Identifier: MIT
// The ready queue: an event goes to one waiter, once, until its source is armed again.
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "os/ready_queue.h"
#include "support/process.h"

namespace prh::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAtOnce{0};
constexpr milliseconds kLong{30'000};

/// An eventfd: readable while it is raised.
class Event final : public ReadySource {
  public:
    void ready() override {}
    FdRef descriptor() const { return fd_.ref(); }
    void raise() const { ::eventfd_write(fd_.get(), 1); }

  private:
    UniqueFd fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

class ReadyQueueTest : public ::testing::Test {
  protected:
    Result<ReadyQueue> created_ = ReadyQueue::create();
    ReadyQueue& queue_ = *created_;
    Event event_;
};

TEST_F(ReadyQueueTest, GivesNothingWhereNothingIsReady) {
    EXPECT_EQ(queue_.wait(kAtOnce), nullptr);
    ASSERT_TRUE(queue_.add(event_.descriptor(), event_));
    EXPECT_EQ(queue_.wait(milliseconds(20)), nullptr);
}

TEST_F(ReadyQueueTest, GivesAReadySourceOnceUntilItIsArmedAgain) {
    ASSERT_TRUE(queue_.add(event_.descriptor(), event_));
    event_.raise();
    EXPECT_EQ(queue_.wait(kLong), &event_);
    EXPECT_EQ(queue_.wait(kAtOnce), nullptr);
    event_.raise();
    EXPECT_EQ(queue_.wait(kAtOnce), nullptr) << "whoever took it owns it";
    queue_.arm(event_.descriptor(), event_);
    EXPECT_EQ(queue_.wait(kLong), &event_) << "what happened meanwhile is not missed";
    EXPECT_EQ(queue_.wait(kAtOnce), nullptr);
}

TEST_F(ReadyQueueTest, WaitsForRoomToWriteWhereAsked) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    const UniqueFd ours(ends[0]), theirs(ends[1]);
    ASSERT_TRUE(queue_.add(ours.ref(), event_, Interest::Readable));
    EXPECT_EQ(queue_.wait(kAtOnce), nullptr);
    queue_.arm(ours.ref(), event_, Interest::Writable);
    EXPECT_EQ(queue_.wait(kAtOnce), &event_);
    const std::vector<char> bytes(1 << 16);
    while (::send(ours.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
    queue_.arm(ours.ref(), event_, Interest::Writable);
    EXPECT_EQ(queue_.wait(kAtOnce), nullptr);
    ::shutdown(theirs.get(), SHUT_RDWR);
    EXPECT_EQ(queue_.wait(kLong), &event_) << "the peer's end is an event too";
}

TEST_F(ReadyQueueTest, SourcesAreToldApart) {
    Event other;
    ASSERT_TRUE(queue_.add(event_.descriptor(), event_));
    ASSERT_TRUE(queue_.add(other.descriptor(), other));
    event_.raise();
    other.raise();
    std::set<ReadySource*> seen{queue_.wait(kAtOnce), queue_.wait(kAtOnce)};
    EXPECT_EQ(seen, (std::set<ReadySource*>{&event_, &other}));
}

TEST_F(ReadyQueueTest, WhatCannotBeWaitedForIsAnError) {
    EXPECT_FALSE(queue_.add(FdRef(), event_));
    ASSERT_TRUE(queue_.add(event_.descriptor(), event_));
    EXPECT_FALSE(queue_.add(event_.descriptor(), event_)) << "twice";
}

TEST_F(ReadyQueueTest, OneOfManyWaitersGetsAnEvent) {
    ASSERT_TRUE(queue_.add(event_.descriptor(), event_));
    constexpr int kRounds = 200;
    std::atomic<int> taken = 0, owners = 0, collisions = 0;
    std::vector<std::thread> waiters;
    for (int i = 0; i < 4; ++i)
        waiters.emplace_back([&] {
            while (queue_.wait(kLong) != nullptr) {
                if (++owners != 1) ++collisions;
                ++taken;
                --owners;
                eventfd_t ignored;
                ::eventfd_read(event_.descriptor().get(), &ignored);
                queue_.arm(event_.descriptor(), event_);
            }
        });
    for (int round = 0; round < kRounds; ++round) {
        event_.raise();
        EXPECT_TRUE(eventually([&] { return taken > round; }));
    }
    queue_.close();
    for (std::thread& waiter : waiters) waiter.join();
    EXPECT_EQ(taken, kRounds);
    EXPECT_EQ(collisions, 0);
}

TEST_F(ReadyQueueTest, ClosingWakesEveryWaiterForGood) {
    std::atomic<int> woken = 0;
    std::vector<std::thread> waiters;
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 8; ++i)
        waiters.emplace_back([&] {
            if (queue_.wait(std::chrono::hours(1)) == nullptr) ++woken;
        });
    queue_.close();
    for (std::thread& waiter : waiters) waiter.join();
    EXPECT_EQ(woken, 8);
    EXPECT_EQ(queue_.wait(kLong), nullptr);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, kLong);
}

TEST_F(ReadyQueueTest, ClosedGivesAtMostWhatWasReadyBefore) {
    std::vector<Event> events(10);
    for (Event& event : events) {
        ASSERT_TRUE(queue_.add(event.descriptor(), event));
        event.raise();
    }
    queue_.close();
    std::size_t given = 0;
    for (std::size_t i = 0; i < 100; ++i)
        if (queue_.wait(kLong) != nullptr) ++given;
    EXPECT_LE(given, events.size());
    EXPECT_EQ(queue_.wait(kLong), nullptr);
}

TEST_F(ReadyQueueTest, ASourceWhoseDescriptorIsClosedIsForgotten) {
    {
        Event gone;
        ASSERT_TRUE(queue_.add(gone.descriptor(), gone));
        gone.raise();
    }
    EXPECT_EQ(queue_.wait(kAtOnce), nullptr);
}

}  // namespace
}  // namespace prh::test
