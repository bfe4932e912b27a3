// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "observe/histogram.h"

namespace prh::test {
namespace {

using std::chrono::microseconds;

TEST(Histogram, CountsByTheFirstBoundThatIsNotExceeded) {
    Histogram histogram;
    for (const int us : {0, 100, 101, 30'000'000, 30'000'001}) histogram.add(microseconds(us));
    const auto figures = histogram.figures();
    ASSERT_EQ(figures.counts.size(), Histogram::kBounds.size() + 1);
    EXPECT_EQ(figures.counts.front(), 2U);
    EXPECT_EQ(figures.counts[1], 1U);
    EXPECT_EQ(figures.counts[figures.counts.size() - 2], 1U);
    EXPECT_EQ(figures.counts.back(), 1U);
    EXPECT_EQ(figures.count, 5U);
    EXPECT_EQ(figures.sum, 60'000'202U);
}

TEST(Histogram, AClockThatGoesBackCountsAsNoTime) {
    Histogram histogram;
    histogram.add(microseconds(-5));
    EXPECT_EQ(histogram.figures().counts.front(), 1U);
    EXPECT_EQ(histogram.figures().sum, 0U);
}

}  // namespace
}  // namespace prh::test
