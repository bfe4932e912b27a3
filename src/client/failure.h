// SPDX-License-Identifier: MIT
// Why there is no answer of a device: said in words, with the exit status that a script sees.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "client/exit_code.h"

namespace prh::ctl {

struct Failure {
    ExitCode exit_code = ExitCode::Other;
    std::string message;  ///< one line, without the program's name and without a final full stop
};

template <class T>
using Expected = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(ExitCode exit_code, std::string message) {
    return tl::unexpected<Failure>(Failure{exit_code, std::move(message)});
}

}  // namespace prh::ctl
