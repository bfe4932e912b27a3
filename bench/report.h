// SPDX-License-Identifier: MIT
// The figures for people and for programs: a table, a CSV file, a plot.
#pragma once

#include <string>

#include "figures.h"

namespace prh::bench {

/// What the figures hold for: printed with them, since they mean nothing without.
struct Conditions {
    Study study;
    std::string method;  ///< "Medians of 5 alternating runs, 2 s for each scenario"
    std::string machine;
};
std::string machine_description();

std::string table(const Figures& figures, const Conditions& conditions);
std::string csv(const Figures& figures, const Conditions& conditions);
std::string svg(const Figures& figures, const Conditions& conditions);

/// "67,300"; one decimal below 100.
std::string number_text(double value);
/// "2.31", "0.077"
std::string ratio_text(double ratio);

}  // namespace prh::bench
