// SPDX-License-Identifier: MIT
#include "axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report.h"

namespace prh::bench {

Axis::Axis(bool logarithmic, double least, double most, double from, double to)
    : logarithmic_(logarithmic), from_(from), to_(to) {
    if (logarithmic) {
        low_ = std::floor(std::log10(least / 1.5));
        high_ = std::max(std::log10(most * 1.05), low_ + 1);
    } else {
        step_ = std::pow(10, std::floor(std::log10(most)));
        if (most / step_ < 3) step_ /= 2;
        high_ = std::ceil(most / step_) * step_;
    }
}

double Axis::at(double value) const {
    const double place = logarithmic_ ? std::log10(value) : value;
    return from_ + (to_ - from_) * (place - low_) / (high_ - low_);
}

std::vector<double> Axis::ticks() const {
    std::vector<double> all;
    if (logarithmic_)
        for (double exponent = low_; exponent <= high_; ++exponent) all.push_back(std::pow(10, exponent));
    else
        for (double value = 0; value <= high_ + step_ / 2; value += step_) all.push_back(value);
    return all;
}

std::string tick_text(double value) { return value < 100 ? fmt::format("{:g}", value) : number_text(value); }

}  // namespace prh::bench
