// SPDX-License-Identifier: MIT
// From values to coordinates, and the values that are written beside an axis.
#pragma once

#include <string>
#include <vector>

namespace prh::bench {

class Axis {
  public:
    /// From zero to the first tick that is not below `most`.
    static Axis linear(double most, double from, double to);
    /// From `least` to just above `most`.
    static Axis logarithmic(double least, double most, double from, double to);

    double at(double value) const;
    std::vector<double> ticks() const;

  private:
    Axis(bool logarithmic, double low, double high, double step, double from, double to);

    bool logarithmic_;
    double low_, high_;  // of the values, or of their logarithms
    double step_;        // between linear ticks
    double from_, to_;
};

/// "0", "10", "1,000"
std::string tick_text(double value);

}  // namespace prh::bench
