// SPDX-License-Identifier: MIT
// How long commands took, counted in classes. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace prh::ctl {

struct Histogram {
    std::vector<std::uint64_t> bounds_us;  ///< ascending: a class holds what took at most so long
    std::vector<std::uint64_t> counts;     ///< one more than bounds: the last is for what took longer
    std::uint64_t sum_us = 0;

    std::uint64_t total() const;
    Histogram& operator+=(const Histogram& other);  ///< of the same bounds
};

struct Estimate {
    std::uint64_t us = 0;
    bool beyond = false;  ///< it took longer than the last bound, which is `us`
};

/// The time that `fraction` of the commands did not exceed, taken for evenly spread within a class: as
/// histogram_quantile() of Prometheus estimates it, so that both show the same. Zero where none is counted.
Estimate quantile(const Histogram& histogram, double fraction);

}  // namespace prh::ctl
