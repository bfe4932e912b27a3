// SPDX-License-Identifier: MIT
// Result<T>: a value, or an error that a person understands. For failures of the system (files, sockets,
// privileges); a SCSI outcome is a value (scsi/command_result.h) and a bug is a failed PRH_CHECK
// (base/check.h).
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace prh {

struct Error {
    std::string message;  ///< one line, without a program name and without a final full stop
    int code = 0;         ///< errno where the kernel gave one, else 0
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(std::string message) {
    return tl::unexpected<Error>(Error{std::move(message), 0});
}

/// "WHAT: text of errno", as perror(3) prints it.
inline tl::unexpected<Error> fail_errno(std::string_view what, int code) {
    return tl::unexpected<Error>(Error{std::string(what) + ": " + std::strerror(code), code});
}

}  // namespace prh
