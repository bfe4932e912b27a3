// SPDX-License-Identifier: MIT
// The plot, written by hand: groups of bars in three panels, with the ratio that is demanded and the one that
// was measured beside each group.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report.h"

namespace prh::bench {
namespace {

constexpr double kWidth = 1000;
constexpr double kLeft = 200;   // of the bars: the groups' names stand before it
constexpr double kRight = 640;  // of the axis: the ratios stand behind it
constexpr double kBar = 16;
constexpr double kGroupGap = 14;
constexpr double kPanelTitle = 44;
constexpr double kAxis = 34;
constexpr double kHead = 76;
constexpr double kFoot = 28;

const char* color_of(Contender contender) {
    switch (contender) {
        case Contender::Existing: return "#9aa0a6";
        case Contender::Ours: return "#1a73e8";
        case Contender::Floor: return "#e8c35a";
    }
    return "black";
}

/// From values to x: linear from zero, or logarithmic over whole decades.
class Scaling {
  public:
    Scaling(bool logarithmic, double least, double most) : logarithmic_(logarithmic) {
        if (logarithmic) {
            low_ = std::floor(std::log10(least));
            high_ = std::max(std::ceil(std::log10(most)), low_ + 1);
        } else {
            step_ = std::pow(10, std::floor(std::log10(most)));
            if (most / step_ < 3) step_ /= 2;
            high_ = std::ceil(most / step_) * step_;
        }
    }
    double x(double value) const {
        const double at = logarithmic_ ? std::log10(value) : value;
        return kLeft + (kRight - kLeft) * (at - low_) / (high_ - low_);
    }
    std::vector<double> ticks() const {
        std::vector<double> all;
        if (logarithmic_)
            for (double exponent = low_; exponent <= high_; ++exponent) all.push_back(std::pow(10, exponent));
        else
            for (double value = 0; value <= high_ + step_ / 2; value += step_) all.push_back(value);
        return all;
    }

  private:
    bool logarithmic_;
    double low_ = 0;
    double high_ = 1;
    double step_ = 1;
};

class Drawing {
  public:
    Drawing(const Figures& figures, const Conditions& conditions)
        : figures_(figures), study_(conditions.study) {
        text(24, 32, "title", study_.title);
        text(24, 52, "note", fmt::format("{}. {}", conditions.method, conditions.machine));
        legend();
        for (const Panel& panel : study_.panels) draw(panel);
    }

    std::string finish() const {
        const double height = y_ + kFoot;
        return fmt::format(
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1:.0f}\" "
                   "viewBox=\"0 0 {0} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
                   "<style>.title{{font-size:18px;font-weight:bold}} "
                   ".panel{{font-size:14px;font-weight:bold}} "
                   ".note{{fill:#5f6368}} .met{{fill:#188038;font-weight:bold}} "
                   ".missed{{fill:#c5221f;font-weight:bold}}</style>\n"
                   "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
                   kWidth, height) +
               body_ + "</svg>\n";
    }

  private:
    void text(double x, double y, const char* style, const std::string& words, const char* anchor = "start") {
        fmt::format_to(std::back_inserter(body_),
                       "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n", x, y,
                       style, anchor, words);
    }

    void bar(double x, double y, double width, Contender contender) {
        fmt::format_to(std::back_inserter(body_),
                       "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\"/>\n", x, y,
                       std::max(width, 1.0), kBar - 2, color_of(contender));
    }

    void legend() {
        double x = kLeft;
        for (const Contender contender : kContenders) {
            bar(x, kHead - 12, kBar, contender);
            text(x + kBar + 6, kHead, "label", study_.legend.at(static_cast<std::size_t>(contender)));
            x += 200;
        }
    }

    void draw(const Panel& panel) {
        double least = 1e300, most = 0;
        for (const Figure figure : panel.figures)
            for (const Contender contender : kContenders)
                if (const auto value = figures_.median(figure, contender)) {
                    least = std::min(least, *value);
                    most = std::max(most, *value);
                }
        const Scaling scaling(panel.logarithmic, least, most);
        text(24, y_ + 28, "panel", panel.title);
        y_ += kPanelTitle;
        const std::size_t axis_at =
            body_.size();  // the axis goes below the bars, its height known afterwards
        const double top = y_;
        for (const Figure figure : panel.figures) draw_group(figure, scaling);
        body_.insert(axis_at, axis(scaling, top));
        y_ += kAxis;
    }

    void draw_group(Figure figure, const Scaling& scaling) {
        const double top = y_;
        for (const Contender contender : kContenders) {
            const auto value = figures_.median(figure, contender);
            if (!value) continue;
            bar(kLeft, y_, scaling.x(*value) - kLeft, contender);
            text(scaling.x(*value) + 5, y_ + kBar - 5, "label", number_text(*value));
            y_ += kBar;
        }
        const double middle = (top + y_) / 2;
        const FigureInfo& info = study_.info_of(figure);
        text(kLeft - 10, middle + 4, "label", info.title, "end");
        ratios(info, middle);
        y_ += kGroupGap;
    }

    void ratios(const FigureInfo& info, double middle) {
        double y = middle + 4 - 8 * static_cast<double>(std::max<std::size_t>(info.demands.size(), 1) - 1);
        for (const Demand& demand : info.demands) {
            const auto ratio = figures_.ratio(info.figure, demand.against);
            if (!ratio) continue;
            const bool met = demand.met_by(*ratio);
            text(kRight + 80, y, met ? "met" : "missed",
                 fmt::format("{} x {} ({} {:g}: {})", ratio_text(*ratio), study_.name_of(demand.against),
                             demand.at_least ? "at least" : "at most", demand.bound, met ? "met" : "missed"));
            y += 16;
        }
        const auto ratio = figures_.ratio(info.figure, Contender::Existing);
        if (info.demands.empty() && ratio)
            text(kRight + 80, y, "note", fmt::format("{} x {}", ratio_text(*ratio), study_.names[0]));
    }

    std::string axis(const Scaling& scaling, double top) const {
        std::string out;
        for (const double tick : scaling.ticks()) {
            const double x = scaling.x(tick);
            out += fmt::format(
                "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#dadce0\"/>\n"
                "<text x=\"{0:.1f}\" y=\"{3:.1f}\" class=\"note\" text-anchor=\"middle\">{4}</text>\n",
                x, top - 6, y_, y_ + 16,
                tick == 0    ? "0"
                : tick < 100 ? fmt::format("{:g}", tick)
                             : number_text(tick));
        }
        return out;
    }

    const Figures& figures_;
    const Study& study_;
    std::string body_;
    double y_ = kHead;
};

}  // namespace

std::string svg(const Figures& figures, const Conditions& conditions) {
    return Drawing(figures, conditions).finish();
}

}  // namespace prh::bench
