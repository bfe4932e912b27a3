// SPDX-License-Identifier: MIT
// What is measured, of whom, and what is demanded of it: the one place that names them. The table, the CSV
// file and the plot are made from it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace prh::bench {

enum class Contender { Existing, Ours, Floor };
constexpr std::array kContenders = {Contender::Existing, Contender::Ours, Contender::Floor};
std::string name_of(Contender contender);

enum class Figure {
    OneConnection,
    OneOf500,
    OneOf2000,
    PacedP99,
    MemoryAtStart,
    MemoryWith2000,
    // for information: nothing is demanded of these
    OneConnectionP50,
    OneConnectionP99,
    PacedP50,
    AllBusyP99,
    AllBusyP50,
    AllBusyThroughput,
    OneThreadP99,
    OneThreadThroughput,
    ProportionalAtStart,
    PrivateAtStart,
    ProportionalWith2000,
    PrivateWith2000,
};
constexpr std::size_t kFigureCount = 18;

/// How many connections a scenario has; fewer in a quick run, which is for checking the program itself.
struct Scale {
    std::size_t few = 500;
    std::size_t many = 2000;
    std::size_t busy = 200;
    double paced = 40'000;  ///< requests per second of the busy ones together: 200 of each
    friend bool operator==(const Scale&, const Scale&) = default;
};

struct Demand {
    Contender against;
    bool at_least;  ///< the ratio ours / theirs is to be at least, or else at most:
    double bound;

    bool met_by(double ratio) const { return at_least ? ratio >= bound : ratio <= bound; }
    std::string text() const;  ///< ">= 1.6"
};

struct FigureInfo {
    Figure figure;
    std::string id;     ///< in the CSV file
    std::string title;  ///< for people
    std::string unit;
    std::vector<Demand> demands;
};
/// At another scale than the usual one nothing is demanded.
std::vector<FigureInfo> figure_infos(const Scale& scale);

/// The values of all runs.
class Figures {
  public:
    void add(Figure figure, Contender contender, double value);
    const std::vector<double>& runs(Figure figure, Contender contender) const;
    /// Nothing where the figure makes no sense for the contender.
    std::optional<double> median(Figure figure, Contender contender) const;
    /// Of the medians: ours / theirs.
    std::optional<double> ratio(Figure figure, Contender against) const;

  private:
    std::array<std::array<std::vector<double>, kContenders.size()>, kFigureCount> values_;
};

}  // namespace prh::bench
