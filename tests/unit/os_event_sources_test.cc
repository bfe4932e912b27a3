// SPDX-License-Identifier: MIT
// Time and signals as descriptors.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <set>

#include "os/event_sources.h"
#include "support/child_process.h"

namespace prh::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

bool readable(FdRef descriptor, milliseconds within = milliseconds(0)) {
    pollfd waited{descriptor.get(), POLLIN, 0};
    return ::poll(&waited, 1, static_cast<int>(within.count())) == 1;
}

TEST(Timer, IsNotReadyBeforeItIsStarted) { EXPECT_FALSE(readable(Timer::create()->descriptor())); }

TEST(Timer, IsReadyOnceAfterItsDelay) {
    auto timer = Timer::create();
    ASSERT_TRUE(timer);
    for (int round = 0; round < 2; ++round) {
        const auto begun = Clock::now();
        timer->start(milliseconds(40));
        EXPECT_TRUE(readable(timer->descriptor(), milliseconds(30'000)));
        EXPECT_GE(Clock::now() - begun, milliseconds(40));
        timer->acknowledge();
        EXPECT_FALSE(readable(timer->descriptor(), milliseconds(60))) << "once, not every 40 ms";
    }
}

TEST(Timer, WithoutADelayIsReadySoon) {
    for (const int delay : {0, -5, 1}) {
        auto timer = Timer::create();
        timer->start(milliseconds(delay));
        EXPECT_TRUE(readable(timer->descriptor(), milliseconds(30'000))) << delay;
    }
}

TEST(Timer, StartedAgainHasTheNewDelay) {
    auto timer = Timer::create();
    timer->start(std::chrono::hours(24 * 365));
    timer->start(milliseconds(1));
    EXPECT_TRUE(readable(timer->descriptor(), milliseconds(30'000)));
    timer->start(std::chrono::hours(1));
    EXPECT_FALSE(readable(timer->descriptor())) << "an expiry that nobody acknowledged is gone";
}

TEST(Timer, AcknowledgedWithoutAnExpiryDoesNotWait) {
    auto timer = Timer::create();
    timer->acknowledge();
    timer->start(std::chrono::hours(1));
    timer->acknowledge();
    EXPECT_FALSE(readable(timer->descriptor()));
}

TEST(Signals, AreReadInsteadOfKilling) {
    EXPECT_EQ(in_child([] {
                  auto signals = Signals::take_over({SIGTERM, SIGINT, SIGHUP});
                  if (!signals) return signals.error().message;
                  if (signals->read() != 0 || readable(signals->descriptor()))
                      return std::string("too early");
                  for (const int number : {SIGTERM, SIGHUP, SIGTERM}) ::kill(::getpid(), number);
                  if (!readable(signals->descriptor())) return std::string("not readable");
                  std::set<int> seen;
                  for (int number; (number = signals->read()) != 0;) seen.insert(number);
                  return std::string(seen == std::set<int>{SIGTERM, SIGHUP} ? "both" : "others") +
                         (readable(signals->descriptor()) ? ", more" : ", no more");
              }),
              "both, no more");
}

TEST(Signals, OthersDoWhatTheyDid) {
    EXPECT_EQ(in_child([] {
                  const auto signals = Signals::take_over({SIGTERM});
                  ::signal(SIGUSR1, SIG_DFL);
                  ::raise(SIGUSR1);
                  return std::string("survived");
              }),
              "died of signal " + std::to_string(SIGUSR1));
}

}  // namespace
}  // namespace prh::test
