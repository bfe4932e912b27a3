// SPDX-License-Identifier: MIT
// What is measured, of whom, and what is demanded of it. The table, the CSV file and the plot are made from a
// Study: the one place that names them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace prh::bench {

/// The floor is the third: the least that the kernel allows, or another who does the same.
enum class Contender { Existing, Ours, Floor };
constexpr std::array kContenders = {Contender::Existing, Contender::Ours, Contender::Floor};

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
    // of multipath maps
    ReadKeys2,
    ReadKeys4,
    Register2,
    Register4,
    ReadKeys2Time,
    ReadKeys4Time,
    Register2Time,
    Register4Time,
};
constexpr std::size_t kFigureCount = 26;

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

struct Panel {
    std::string title;
    std::vector<Figure> figures;
    bool logarithmic;
};

struct Study {
    std::string title;
    /// Of the contenders, in their order: above a column, and in the legend of the plot.
    std::array<std::string, kContenders.size()> names, legend;
    std::vector<FigureInfo> figures;
    std::vector<Panel> panels;

    const std::string& name_of(Contender contender) const {
        return names.at(static_cast<std::size_t>(contender));
    }
    const FigureInfo& info_of(Figure figure) const;
};
/// Of this helper and QEMU's own, on one descriptor. At another scale than the usual one nothing is demanded.
Study helper_study(const Scale& scale);

/// Nothing of no values.
std::optional<double> median_of(std::vector<double> values);

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
