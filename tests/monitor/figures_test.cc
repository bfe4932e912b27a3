// SPDX-License-Identifier: MIT
// Durations, quantiles and tables, as a person reads them.
#include <gtest/gtest.h>

#include "client/histogram.h"
#include "client/printable.h"
#include "client/table.h"
#include "client/words.h"

namespace prh::ctl {
namespace {

TEST(MonitorFigures, DurationsHaveTheUnitOfTheirSize) {
    EXPECT_EQ(duration(0), "0 us");
    EXPECT_EQ(duration(999), "999 us");
    EXPECT_EQ(duration(1500), "1.5 ms");
    EXPECT_EQ(duration(12'300'000), "12.3 s");
    EXPECT_EQ(duration(245'000'000), "4 min 5 s");
    EXPECT_EQ(duration(7'260'000'000), "2 h 1 min");
    EXPECT_EQ(duration(266'400'000'000), "3 d 2 h");
}

TEST(MonitorFigures, AQuantileLiesInTheClassOfItsRank) {
    const Histogram histogram{{100, 200, 400}, {0, 50, 49, 1}, 0};
    EXPECT_EQ(quantile(histogram, 0.25).us, 150U);
    EXPECT_EQ(quantile(histogram, 0.5).us, 200U);
    EXPECT_EQ(quantile(histogram, 0.99).us, 400U);
    EXPECT_FALSE(quantile(histogram, 0.99).beyond);
    EXPECT_TRUE(quantile(histogram, 1).beyond);
    EXPECT_EQ(duration(quantile(histogram, 1)), "> 400 us");
}

TEST(MonitorFigures, NothingCountedIsNoTime) {
    EXPECT_EQ(quantile(Histogram{{100}, {0, 0}, 0}, 0.5).us, 0U);
    EXPECT_EQ(quantile(Histogram{}, 0.5).us, 0U);
}

TEST(MonitorFigures, HistogramsAddUp) {
    Histogram sum;
    sum += Histogram{{100}, {1, 2}, 30};
    sum += Histogram{{100}, {4, 0}, 5};
    EXPECT_EQ(sum.counts, (std::vector<std::uint64_t>{5, 2}));
    EXPECT_EQ(sum.bounds_us, std::vector<std::uint64_t>{100});
    EXPECT_EQ(sum.sum_us, 35U);
}

TEST(MonitorFigures, ColumnsAreAsWideAsTheirWidestCell) {
    Table table({"A", "LONG"});
    EXPECT_EQ(table.text(), "");
    table.add({"wide one", "x"});
    table.add({"ü", ""});
    EXPECT_EQ(table.text(), "  A         LONG\n  wide one  x\n  ü\n");
}

TEST(MonitorFigures, ATerminalIsNeverToldWhatToDo) {
    EXPECT_EQ(printable("a\x1b[2Jb\x7f\n"), "a\\x1b[2Jb\\x7f\\x0a");
    EXPECT_EQ(printable("\xC2\x9B"
                        "2J"),
              "\\x9b2J");
    EXPECT_EQ(printable("Grüße"), "Grüße");
    Table table({"A"});
    table.add({"\x1b]0;title\x07"});
    EXPECT_EQ(table.text("").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace prh::ctl
