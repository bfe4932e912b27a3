// SPDX-License-Identifier: MIT
// A sweep as lines, of the medians. A run that was not answered has no number: it is a cross in a band of its
// own above the scale, with the share of the runs that were not, and no line leads there.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "axis.h"
#include "drawing.h"
#include "report.h"
#include "sweep.h"

namespace prh::bench {
namespace {

constexpr double kLeft = 110;
constexpr double kLinesEnd = 910;  // the last values stand behind it
constexpr double kHeight = 330;
constexpr double kBand = 56;    // of what was not answered
constexpr double kSample = 34;  // of a line, in the legend
constexpr double kLine = 15;    // between values that stand below one another
constexpr double kGap = 8;      // between the names of two places
constexpr double kSpaceBelowLines = 64;
constexpr double kBelowLeast = 1.3;  // a logarithmic scale begins so far below the least value
constexpr const char* kGrid = "#dadce0";

class LineChart {
  public:
    explicit LineChart(const Sweep& sweep)
        : sweep_(sweep),
          study_(sweep.study()),
          drawing_(study_.title, {study_.method + ".", study_.machine + "."}),
          places_(sweep.places()) {
        double least = 1e300, most = 0;
        for (std::size_t curve = 0; curve < study_.curves.size(); ++curve)
            for (const std::size_t at : places_)
                if (const auto value = sweep.median(curve, at)) {
                    if (!sweep.not_answered(curve, at).empty()) band_ = kBand;
                    if (!std::isfinite(*value)) continue;
                    least = std::min(least, *value);
                    most = std::max(most, *value);
                }
        top_ = legend() + 16 + band_;
        bottom_ = top_ + kHeight;
        draw(study_.measured_logarithmic ? Axis::logarithmic(least / kBelowLeast, most, bottom_, top_)
                                         : Axis::linear(most, bottom_, top_));
    }

    std::string finish() const { return drawing_.finish(bottom_ + kSpaceBelowLines); }

  private:
    double legend() {
        double x = Drawing::kMargin, y = drawing_.top() + 10;
        for (const Curve& curve : study_.curves) {
            const double width = kSample + 8 + width_of(curve.title) + 24;
            if (x + width > Drawing::kWidth) x = Drawing::kMargin, y += 20;
            drawing_.curve({{x, y - 4}, {x + kSample, y - 4}}, color_of(curve.contender), curve.dashed);
            drawing_.dot({x + kSample / 2, y - 4}, color_of(curve.contender));
            drawing_.text({x + kSample + 8, y}, "label", curve.title);
            x += width;
        }
        return y;
    }

    /// The first of several places that are too close to each other to be named is the one that is.
    void name_places() {
        double end = 0;
        for (const std::size_t at : places_) {
            const std::string name = tick_text(static_cast<double>(at));
            const double x = x_of(at), half = width_of(name) / 2;
            drawing_.line({x, bottom_}, {x, bottom_ + 5}, "#5f6368");
            if (x - half < end + kGap) continue;
            drawing_.text({x, bottom_ + 20}, "note", name, Anchor::Middle);
            end = x + half;
        }
        drawing_.text({(kLeft + kLinesEnd) / 2, bottom_ + 44}, "label", study_.varied, Anchor::Middle);
    }

    double x_of(std::size_t at) const {
        const auto value = [&](std::size_t place) {
            return study_.varied_logarithmic ? std::log10(static_cast<double>(place))
                                             : static_cast<double>(place);
        };
        const double first = value(places_.front()), last = value(places_.back());
        return kLeft + (last > first ? (kLinesEnd - kLeft) * (value(at) - first) / (last - first) : 0);
    }

    void draw(const Axis& axis) {
        for (const double tick : axis.ticks()) {
            drawing_.line({kLeft, axis.at(tick)}, {kLinesEnd, axis.at(tick)}, kGrid);
            drawing_.text({kLeft - 10, axis.at(tick) + 4}, "note", tick_text(tick), Anchor::End);
        }
        drawing_.line({kLeft, bottom_}, {kLinesEnd, bottom_}, "#5f6368");
        drawing_.text_upright({Drawing::kMargin + 12, (top_ + bottom_) / 2}, "label", study_.measured);
        if (band_ > 0) {
            drawing_.bar({kLeft, top_ - band_}, kLinesEnd - kLeft, band_ - 16, "#fce8e6");
            drawing_.text({kLeft - 10, middle_of_band() - 4}, "note", "not answered", Anchor::End);
            drawing_.text({kLeft - 10, middle_of_band() + 12}, "note", study_.given_up, Anchor::End);
        }
        name_places();
        for (std::size_t curve = study_.curves.size(); curve-- > 0;) draw_curve(curve, axis);
        name_last_values(axis);
    }

    double middle_of_band() const { return top_ - band_ + (band_ - 16) / 2; }

    void draw_curve(std::size_t curve, const Axis& axis) {
        const Curve& line = study_.curves[curve];
        const char* const color = color_of(line.contender);
        std::vector<Place> answered;
        for (const std::size_t at : places_) {
            const auto value = sweep_.median(curve, at);
            if (!value) continue;
            if (std::isfinite(*value)) answered.emplace_back(x_of(at), axis.at(*value));
            const std::string share = sweep_.not_answered(curve, at);
            if (share.empty() || line.dashed) continue;  // a dashed line is of the same runs as another
            drawing_.cross({x_of(at), middle_of_band() - 7}, color);
            drawing_.text({x_of(at), middle_of_band() + 14}, "note", share, Anchor::Middle);
        }
        drawing_.curve(answered, color, line.dashed);
        for (const Place& place : answered) drawing_.dot(place, color);
    }

    /// Beside the ends of the lines, below one another where those are closer than the letters are high.
    void name_last_values(const Axis& axis) {
        std::vector<double> values;
        for (std::size_t curve = 0; curve < study_.curves.size(); ++curve)
            if (const auto value = sweep_.median(curve, places_.back()); value && std::isfinite(*value))
                values.push_back(*value);
        std::sort(values.begin(), values.end());
        double above = 1e300;
        for (const double value : values) {
            above = std::min(axis.at(value) + 4, above - kLine);
            drawing_.text({kLinesEnd + 10, above}, "label", number_text(value));
        }
    }

    const Sweep& sweep_;
    const SweepStudy& study_;
    Drawing drawing_;
    std::vector<std::size_t> places_;
    double band_ = 0;
    double top_ = 0, bottom_ = 0;
};

}  // namespace

std::string Sweep::svg() const { return LineChart(*this).finish(); }

}  // namespace prh::bench
