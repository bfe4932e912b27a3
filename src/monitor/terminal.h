// SPDX-License-Identifier: MIT
// The terminal while a live view is on it: the alternate screen, keys without Enter and without echo. Given
// back as it was, however the view ends.
#pragma once

#include <termios.h>

#include <optional>
#include <string>

namespace prh::ctl {

class Terminal {
  public:
    Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal();

    struct Size {
        std::size_t rows = 24, columns = 80;
    };
    Size size() const;
    /// The picture takes the place of the one before. False if the terminal is gone.
    bool show(const std::string& text) const;
    bool has_keys() const { return before_.has_value(); }  ///< standard input is a terminal too
    /// A key that was pressed, or zero.
    char take_key() const;

  private:
    std::optional<termios> before_;
};

}  // namespace prh::ctl
