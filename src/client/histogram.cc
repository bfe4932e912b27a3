// SPDX-License-Identifier: MIT
#include "client/histogram.h"

#include <algorithm>
#include <numeric>

namespace prh::ctl {

std::uint64_t Histogram::total() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Histogram& Histogram::operator+=(const Histogram& other) {
    if (counts.size() < other.counts.size()) {
        bounds_us = other.bounds_us;
        counts.resize(other.counts.size());
    }
    for (std::size_t i = 0; i < other.counts.size(); ++i) counts[i] += other.counts[i];
    sum_us += other.sum_us;
    return *this;
}

Estimate quantile(const Histogram& histogram, double fraction) {
    const double rank = fraction * static_cast<double>(histogram.total());
    if (rank <= 0) return {};
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < histogram.bounds_us.size(); ++i) {
        const std::uint64_t count = histogram.counts[i];
        if (count > 0 && static_cast<double>(before + count) >= rank) {
            const double low = i == 0 ? 0 : static_cast<double>(histogram.bounds_us[i - 1]);
            const auto high = static_cast<double>(histogram.bounds_us[i]);
            const double part = (rank - static_cast<double>(before)) / static_cast<double>(count);
            return {static_cast<std::uint64_t>(low + (high - low) * part), false};
        }
        before += count;
    }
    return {histogram.bounds_us.empty() ? 0 : histogram.bounds_us.back(), true};
}

}  // namespace prh::ctl
