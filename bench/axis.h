// SPDX-License-Identifier: MIT
// From values to coordinates, and the values that are written beside an axis.
#pragma once

#include <string>
#include <vector>

namespace prh::bench {

class Axis {
  public:
    /// Linear: from zero to the first tick that is not below `most`. Logarithmic: from a power of ten well
    /// below `least`, so that a bar of it can still be seen, to just above `most`.
    Axis(bool logarithmic, double least, double most, double from, double to);

    double at(double value) const;
    std::vector<double> ticks() const;

  private:
    bool logarithmic_;
    double from_, to_;
    double low_ = 0;  // of the values, or of their logarithms
    double high_ = 1;
    double step_ = 1;
};

/// "0", "10", "1,000"
std::string tick_text(double value);

}  // namespace prh::bench
