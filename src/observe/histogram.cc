// SPDX-License-Identifier: MIT
#include "observe/histogram.h"

#include <algorithm>

namespace prh {

void Histogram::add(std::chrono::microseconds time) {
    const auto us = static_cast<std::uint64_t>(std::max<std::chrono::microseconds::rep>(0, time.count()));
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), us);
    counts_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(us, std::memory_order_relaxed);
}

Histogram::Figures Histogram::figures() const {
    Figures figures;
    for (const auto& count : counts_) {
        figures.counts.push_back(count.load(std::memory_order_relaxed));
        figures.count += figures.counts.back();
    }
    figures.sum = sum_.load(std::memory_order_relaxed);
    return figures;
}

}  // namespace prh
