// SPDX-License-Identifier: MIT
// Groups of bars in panels, with the ratio that is demanded and the one that was measured beside each group.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "axis.h"
#include "drawing.h"
#include "report.h"

namespace prh::bench {
namespace {

constexpr double kBarsEnd = 640;  // of the axis: the longest bar's figure stands behind it,
constexpr double kRatios = 716;   // and the ratios behind that
constexpr double kBar = 16;
constexpr double kGroupGap = 14;
constexpr double kPanelTitle = 44;
constexpr double kAxis = 34;
constexpr double kLegend = 24;
constexpr double kSpaceBelowBars = 16;

class BarChart {
  public:
    BarChart(const Figures& figures, const Conditions& conditions)
        : figures_(figures),
          study_(conditions.study),
          drawing_(study_.title, {conditions.method + ".", conditions.machine + "."}),
          y_(drawing_.top()) {
        for (const Panel& panel : study_.panels)  // the groups' names stand before the bars
            for (const Figure figure : panel.figures)
                left_ = std::max(left_, Drawing::kMargin + width_of(study_.info_of(figure).title) + 10);
        legend();
        for (const Panel& panel : study_.panels) draw(panel);
    }

    std::string finish() const { return drawing_.finish(y_ + kSpaceBelowBars); }

  private:
    void bar(Place corner, double width, Contender contender) {
        drawing_.bar(corner, std::max(width, 1.0), kBar - 2, color_of(contender));
    }

    void legend() {
        double x = Drawing::kMargin;
        for (const Contender contender : kContenders) {
            const std::string& words = study_.legend.at(static_cast<std::size_t>(contender));
            bar({x, y_}, kBar, contender);
            drawing_.text({x + kBar + 6, y_ + kBar - 5}, "label", words);
            x += kBar + 6 + width_of(words) + 20;
        }
        y_ += kLegend;
    }

    double height_of(Figure figure) const {
        return kGroupGap + kBar * static_cast<double>(std::count_if(
                                      kContenders.begin(), kContenders.end(), [&](Contender contender) {
                                          return figures_.median(figure, contender).has_value();
                                      }));
    }

    void draw(const Panel& panel) {
        double least = 1e300, most = 0, height = 0;
        for (const Figure figure : panel.figures) {
            height += height_of(figure);
            for (const Contender contender : kContenders)
                if (const auto value = figures_.median(figure, contender)) {
                    least = std::min(least, *value);
                    most = std::max(most, *value);
                }
        }
        // The least bar is to be seen too: it does not begin where the scale does.
        const double below_least = std::pow(10, std::floor(std::log10(least / 1.5)));
        const Axis axis = panel.logarithmic ? Axis::logarithmic(below_least, most, left_, kBarsEnd)
                                            : Axis::linear(most, left_, kBarsEnd);
        drawing_.text({Drawing::kMargin, y_ + 28}, "panel", panel.title);
        y_ += kPanelTitle;
        for (const double tick : axis.ticks()) {  // below the bars
            drawing_.line({axis.at(tick), y_ - 6}, {axis.at(tick), y_ + height}, "#dadce0");
            drawing_.text({axis.at(tick), y_ + height + 16}, "note", tick_text(tick), Anchor::Middle);
        }
        for (const Figure figure : panel.figures) draw_group(figure, axis);
        y_ += kAxis;
    }

    void draw_group(Figure figure, const Axis& axis) {
        const double top = y_;
        for (const Contender contender : kContenders) {
            const auto value = figures_.median(figure, contender);
            if (!value) continue;
            bar({left_, y_}, axis.at(*value) - left_, contender);
            drawing_.text({axis.at(*value) + 5, y_ + kBar - 5}, "label", number_text(*value));
            y_ += kBar;
        }
        const double middle = (top + y_) / 2;
        const FigureInfo& info = study_.info_of(figure);
        drawing_.text({left_ - 10, middle + 4}, "label", info.title, Anchor::End);
        ratios(info, middle);
        y_ += kGroupGap;
    }

    void ratios(const FigureInfo& info, double middle) {
        double y = middle + 4 - 8 * static_cast<double>(std::max<std::size_t>(info.demands.size(), 1) - 1);
        for (const Demand& demand : info.demands) {
            const auto ratio = figures_.ratio(info.figure, demand.against);
            if (!ratio) continue;
            const bool met = demand.met_by(*ratio);
            drawing_.text(
                {kRatios, y}, met ? "met" : "missed",
                fmt::format("{} x {} ({} {:g}: {})", ratio_text(*ratio), study_.name_of(demand.against),
                            demand.at_least ? "at least" : "at most", demand.bound, met ? "met" : "missed"));
            y += 16;
        }
        const auto ratio = figures_.ratio(info.figure, Contender::Existing);
        if (info.demands.empty() && ratio)
            drawing_.text({kRatios, y}, "note", fmt::format("{} x {}", ratio_text(*ratio), study_.names[0]));
    }

    const Figures& figures_;
    const Study& study_;
    Drawing drawing_;
    double left_ = 0;
    double y_;
};

}  // namespace

std::string svg(const Figures& figures, const Conditions& conditions) {
    return BarChart(figures, conditions).finish();
}

}  // namespace prh::bench
