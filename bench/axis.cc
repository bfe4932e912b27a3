// SPDX-License-Identifier: MIT
#include "axis.h"

#include <fmt/format.h>

#include <cmath>

#include "report.h"

namespace prh::bench {
namespace {

constexpr double kDecadesWithMoreTicks = 2.6;  // 1, 2, 5, 10 and so on; beyond, 1, 10, 100

}  // namespace

Axis::Axis(bool logarithmic, double low, double high, double step, double from, double to)
    : logarithmic_(logarithmic), low_(low), high_(high), step_(step), from_(from), to_(to) {}

Axis Axis::linear(double most, double from, double to) {
    double step = std::pow(10, std::floor(std::log10(most)));
    if (most / step < 3) step /= 2;
    return {false, 0, std::ceil(most / step) * step, step, from, to};
}

Axis Axis::logarithmic(double least, double most, double from, double to) {
    return {true, std::log10(least), std::log10(most * 1.05), 0, from, to};
}

double Axis::at(double value) const {
    const double place = logarithmic_ ? std::log10(value) : value;
    return from_ + (to_ - from_) * (place - low_) / (high_ - low_);
}

std::vector<double> Axis::ticks() const {
    std::vector<double> all;
    if (!logarithmic_) {
        for (double value = 0; value <= high_ + step_ / 2; value += step_) all.push_back(value);
        return all;
    }
    const bool more = high_ - low_ < kDecadesWithMoreTicks;
    for (double exponent = std::floor(low_); exponent <= high_; ++exponent)
        for (const double digit : {1, 2, 5}) {
            const double value = std::pow(10, exponent) * digit, place = std::log10(value);
            if (place >= low_ && place <= high_ && (digit == 1 || more)) all.push_back(value);
        }
    return all;
}

std::string tick_text(double value) { return value < 100 ? fmt::format("{:g}", value) : number_text(value); }

}  // namespace prh::bench
