// SPDX-License-Identifier: MIT
// A figure over a number that varies (open connections, requests that are stuck): the values of all runs, and
// what is made of them: a table, a CSV file, a chart of lines.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "figures.h"

namespace prh::bench {

/// The value of a measurement that was given up: greater than every other one, so that the median of the runs
/// is this one too where most of them were given up. "inf" in the CSV file.
constexpr double kNotAnswered = std::numeric_limits<double>::infinity();

struct Curve {
    Contender contender;
    std::string id;     ///< in the CSV file and above a column
    std::string title;  ///< in the legend
    bool dashed = false;
};

struct SweepStudy {
    std::string title;
    std::string varied_id;                          ///< what varies, in the CSV file
    std::string varied;                             ///< and for people
    std::string measured;                           ///< with its unit
    std::string given_up;                           ///< "in 10 s": when what was not answered was given up
    bool varied_logarithmic, measured_logarithmic;  ///< the scales; a linear one begins at zero
    std::vector<Curve> curves;
    std::size_t ours, existing;  ///< the curves that the ratio is of
    std::string method, machine;
};

class Sweep {
  public:
    explicit Sweep(SweepStudy study) : study_(std::move(study)), runs_(study_.curves.size()) {}

    void add(std::size_t curve, std::size_t at, double value) { runs_.at(curve)[at].push_back(value); }

    const SweepStudy& study() const { return study_; }
    std::vector<std::size_t> places() const;
    std::optional<double> median(std::size_t curve, std::size_t at) const;
    /// "1/3", the share of the runs; empty if all were answered.
    std::string not_answered(std::size_t curve, std::size_t at) const;

    std::string table() const;
    std::string csv() const;
    std::string svg() const;

  private:
    std::optional<double> ratio(std::size_t at) const;

    SweepStudy study_;
    std::vector<std::map<std::size_t, std::vector<double>>> runs_;  // of each curve, by place
};

}  // namespace prh::bench
