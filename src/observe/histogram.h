// SPDX-License-Identifier: MIT
// How long things took, counted by bounds. Any thread counts, any thread reads.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace prh {

class Histogram {
  public:
    /// Microseconds. From a command that an array answers at once, over the seconds of a path that fails
    /// over, to the 30 s after which the kernel aborts one.
    static constexpr std::array<std::uint64_t, 17> kBounds = {
        100,     250,     500,     1'000,     2'500,     5'000,     10'000,     25'000,    50'000,
        100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000};

    void add(std::chrono::microseconds time);

    struct Figures {
        std::vector<std::uint64_t> counts;  ///< one for each bound: at most that, and more than the one
                                            ///< before; and one for what took longer than the last
        std::uint64_t sum = 0;  ///< microseconds
        std::uint64_t count = 0;
    };
    Figures figures() const;

  private:
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
    std::atomic<std::uint64_t> sum_ = 0;
};

}  // namespace prh
