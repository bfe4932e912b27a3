// SPDX-License-Identifier: MIT
// What the benchmark makes of figures. A chart is read back as a viewer sees it: the boxes of its texts.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "connection_sweep.h"
#include "drawing.h"
#include "multipath_figures.h"
#include "report.h"
#include "sweep.h"

namespace prh::bench {
namespace {

struct Box {
    double left, right, top, bottom;
    std::string words;
    bool overlaps(const Box& other) const {
        return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
};

/// Of the texts that run from left to right.
std::vector<Box> texts_of(const std::string& svg) {
    static const std::regex text(
        "<text x=\"([0-9.-]+)\" y=\"([0-9.-]+)\" class=\"(\\w+)\" text-anchor=\"(\\w+)\">([^<]*)</text>");
    std::vector<Box> boxes;
    for (std::sregex_iterator at(svg.begin(), svg.end(), text), end; at != end; ++at) {
        const std::smatch& found = *at;
        const double x = std::stod(found[1]), y = std::stod(found[2]);
        const double width = width_of(found[5]) * (found[3] == "title" ? 1.5 : 1);
        const double left = found[4] == "end" ? x - width : found[4] == "middle" ? x - width / 2 : x;
        boxes.push_back({left, left + width, y - 10, y + 3, found[5]});
    }
    return boxes;
}

void expect_readable(const std::string& svg) {
    const auto boxes = texts_of(svg);
    ASSERT_GT(boxes.size(), 10u);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        EXPECT_GE(boxes[i].left, 0) << boxes[i].words;
        EXPECT_LE(boxes[i].right, Drawing::kWidth) << boxes[i].words;
        for (std::size_t k = i + 1; k < boxes.size(); ++k)
            EXPECT_FALSE(boxes[i].overlaps(boxes[k])) << boxes[i].words << " / " << boxes[k].words;
    }
}

std::size_t count_of(const std::string& part, const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

/// A helper that serves 64 at once: `existing` up to 63, nobody beyond.
Sweep starving_sweep() {
    Sweep sweep(
        {.title = "Latency",
         .varied_id = "stuck",
         .varied = "stuck requests",
         .measured = "us",
         .given_up = "in 10 s",
         .varied_logarithmic = false,
         .measured_logarithmic = true,
         .curves = {{Contender::Existing, "existing", "existing"}, {Contender::Ours, "ours", "ours", true}},
         .ours = 1,
         .existing = 0,
         .method = "Medians",
         .machine = "A machine"});
    for (const std::size_t stuck : {0u, 1u, 63u, 64u, 200u})
        for (const double run : {1000, 900, 5000}) {
            const bool starves = stuck >= 64 && run > 900;
            sweep.add(0, stuck, starves ? kNotAnswered : run);
            sweep.add(1, stuck, run + 1);
        }
    return sweep;
}

TEST(Sweep, RunsMostOfWhichWereGivenUpHaveNoFigure) {
    const Sweep sweep = starving_sweep();
    EXPECT_EQ(sweep.median(0, 63), 1000);
    EXPECT_EQ(sweep.median(0, 64), kNotAnswered);
    EXPECT_EQ(sweep.median(1, 200), 1001);
    EXPECT_EQ(sweep.median(1, 2), std::nullopt);
    EXPECT_EQ(count_of("not answered", sweep.table()), 2u);
}

TEST(Sweep, TheCsvFileHasEveryRunAndNoRatioToWhatWasNotAnswered) {
    const std::string csv = starving_sweep().csv();
    EXPECT_EQ(csv.substr(0, csv.find('\n')),
              "stuck,existing,ours,ratio_ours_to_existing,existing_runs,ours_runs");
    EXPECT_NE(csv.find("\n63,1000.0,1001.0,1.0010,1000.0 900.0 5000.0,1001.0 901.0 5001.0\n"),
              std::string::npos);
    EXPECT_NE(csv.find("\n64,inf,1001.0,,inf 900.0 inf,1001.0 901.0 5001.0\n"), std::string::npos);
}

TEST(Sweep, WhatWasNotAnsweredIsACrossAndNoLineLeadsThere) {
    const std::string svg = starving_sweep().svg();
    EXPECT_EQ(count_of("<path ", svg), 2u);
    EXPECT_EQ(count_of(">not answered<", svg), 1u);
    EXPECT_EQ(count_of(">2/3<", svg), 2u);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
    EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Sweep, NoBandIsDrawnWhereEverythingWasAnswered) {
    Sweep sweep(connections_study("Medians"));
    for (std::size_t curve = 0; curve < 3; ++curve)
        for (const std::size_t open : connection_numbers(true)) sweep.add(curve, open, 100);
    EXPECT_EQ(count_of("<path ", sweep.svg()), 0u);
    EXPECT_EQ(count_of("not answered", sweep.svg()), 0u);
}

TEST(Charts, NoTextOfALineChartCoversAnotherOrLeavesThePicture) {
    expect_readable(starving_sweep().svg());
    Sweep sweep(connections_study("Medians of 5 alternating runs"));
    for (const std::size_t open : connection_numbers(false)) {
        sweep.add(0, open, 20000.0 / static_cast<double>(open));
        sweep.add(1, open, 34000);
        sweep.add(2, open, 34100);  // the last values are as good as one
    }
    expect_readable(sweep.svg());
}

TEST(Charts, NoTextOfABarChartCoversAnotherOrLeavesThePicture) {
    for (const Study& study : {helper_study({}), multipath_study()}) {
        Figures figures;
        for (const FigureInfo& info : study.figures)
            for (const Contender contender : kContenders)
                figures.add(info.figure, contender, contender == Contender::Existing ? 500 : 104134);
        const std::string method = "Medians of 5 alternating runs of so many commands and of so many calls";
        expect_readable(svg(figures, {study, method + ", " + method, "A machine with a long name"}));
    }
}

TEST(Charts, TheNumberOfConnectionsReachesTheScenarios) {
    const auto numbers = connection_numbers(false);
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
    EXPECT_TRUE(std::count(numbers.begin(), numbers.end(), Scale{}.few));
    EXPECT_TRUE(std::count(numbers.begin(), numbers.end(), Scale{}.many));
}

}  // namespace
}  // namespace prh::bench
