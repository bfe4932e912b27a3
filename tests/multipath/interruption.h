// SPDX-License-Identifier: MIT
// The death of the process at one of the moments in which it does something to the world: right before or
// right after a command, a word to multipathd, or the record that is kept.
#pragma once

#include <cstddef>
#include <optional>

namespace prh::multipath {

struct Death {};  ///< thrown out of the world through the engine, which is then destroyed

class Interruption {
  public:
    void at(std::size_t moment) { at_ = moment; }
    void never() { at_.reset(); }
    void count_from_zero() { passed_ = 0; }
    std::size_t passed() const { return passed_; }

    /// Called before and after everything that the world is asked to do.
    void moment() {
        if (passed_++ == at_) throw Death();
    }

  private:
    std::optional<std::size_t> at_;
    std::size_t passed_ = 0;
};

}  // namespace prh::multipath
