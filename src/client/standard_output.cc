// SPDX-License-Identifier: MIT
#include "client/standard_output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "client/common_options.h"
#include "client/printable.h"

namespace prh::ctl {

void complain(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

ExitCode print(std::string_view text, ExitCode meant) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return meant;
    complain(fmt::format("{}: cannot write to standard output: {}\n", kProgramName, std::strerror(errno)));
    return meant == ExitCode::Success ? ExitCode::FileError : meant;
}

ExitCode print_failure(std::string_view tool, const Failure& failure, bool json) {
    if (!json) {
        complain(fmt::format("{}: {}\n", kProgramName, printable(failure.message)));
        return failure.exit_code;
    }
    nlohmann::ordered_json object;
    object["command"] = tool;
    object["exit_code"] = static_cast<int>(failure.exit_code);
    object["error"] = failure.message;
    return print(object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n",
                 failure.exit_code);
}

}  // namespace prh::ctl
