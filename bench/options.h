// SPDX-License-Identifier: MIT
// The command line of helper_bench.
#pragma once

#include <optional>
#include <string>

namespace prh::bench {

struct Options {
    std::string existing = "/usr/bin/qemu-pr-helper";
    std::string ours;   ///< by default that of the build which helper_bench is of
    std::string floor;  ///< by default beside helper_bench
    int runs = 5;
    double seconds = 2;
    bool quick = false;
    bool connections =
        false;        ///< the throughput over the number of open connections, instead of the scenarios
    std::string csv;  ///< files to write; none if empty
    std::string svg;
};

/// Nothing if the program is to end with `exit_code`; a message has been printed.
std::optional<Options> parse_options(int argc, char** argv, int& exit_code);

}  // namespace prh::bench
