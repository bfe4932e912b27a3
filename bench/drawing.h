// SPDX-License-Identifier: MIT
// A picture as an SVG file, written by hand: white behind, a title and notes at the top, and below them what
// a chart draws. Coordinates are pixels from the upper left corner. No program lays the text out here, so its
// width is estimated, for a wide font: what is placed by it does not overlap with a narrower one either.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "figures.h"

namespace prh::bench {

using Place = std::pair<double, double>;  ///< x, y

enum class Anchor { Start, Middle, End };

/// The same in every chart.
const char* color_of(Contender contender);

double width_of(const std::string& words);

class Drawing {
  public:
    static constexpr double kWidth = 1000;
    static constexpr double kMargin = 24;

    /// The notes are broken into lines where they are too long for one.
    Drawing(const std::string& title, const std::vector<std::string>& notes);

    /// Where the free part begins.
    double top() const { return top_; }

    /// `style` is one of title, panel, label, note, met, missed.
    void text(Place at, const char* style, const std::string& words, Anchor anchor = Anchor::Start);
    /// Upwards, centred.
    void text_upright(Place at, const char* style, const std::string& words);
    void bar(Place corner, double width, double height, const char* color);
    void line(Place from, Place to, const char* color);
    void curve(const std::vector<Place>& places, const char* color, bool dashed);
    void dot(Place at, const char* color);
    void cross(Place at, const char* color);

    std::string finish(double height) const;

  private:
    std::string body_;
    double top_ = 0;
};

}  // namespace prh::bench
