// SPDX-License-Identifier: MIT
#include "options.h"

#include <fmt/format.h>
#include <getopt.h>

#include <cstdlib>
#include <filesystem>

namespace prh::bench {
namespace {

constexpr const char* kUsage =
    R"(Usage: helper_bench [OPTIONS]
Measures qemu-pr-helper against QEMU's own and against the least that the kernel allows.

  --existing=PROGRAM  QEMU's helper (default /usr/bin/qemu-pr-helper)
  --ours=PROGRAM      this project's helper (default: of the same build)
  --floor=PROGRAM     the bare loop (default: beside helper_bench)
  --connections       only the throughput, over the number of open connections
  --runs=N            alternating runs; the medians are shown (default 5)
  --seconds=S         measured in each scenario (or at each number) of each run (default 2)
  --quick             one short run with few connections: a check of this program, not a measurement
  --csv=FILE          write all figures
  --svg=FILE          write the plot
  --help
)";

enum Letter { kExisting = 1, kOurs, kFloor, kConnections, kRuns, kSeconds, kQuick, kCsv, kSvg, kHelp };

constexpr option kOptions[] = {
    {"existing", required_argument, nullptr, kExisting},
    {"ours", required_argument, nullptr, kOurs},
    {"floor", required_argument, nullptr, kFloor},
    {"connections", no_argument, nullptr, kConnections},
    {"runs", required_argument, nullptr, kRuns},
    {"seconds", required_argument, nullptr, kSeconds},
    {"quick", no_argument, nullptr, kQuick},
    {"csv", required_argument, nullptr, kCsv},
    {"svg", required_argument, nullptr, kSvg},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_code) {
    const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    Options options;
    options.ours = here.parent_path() / "qemu-pr-helper";
    options.floor = here / "floor_server";
    for (int letter; (letter = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
        switch (letter) {
            case kExisting: options.existing = optarg; break;
            case kOurs: options.ours = optarg; break;
            case kFloor: options.floor = optarg; break;
            case kConnections: options.connections = true; break;
            case kRuns: options.runs = std::atoi(optarg); break;
            case kSeconds: options.seconds = std::atof(optarg); break;
            case kQuick: options.quick = true; break;
            case kCsv: options.csv = optarg; break;
            case kSvg: options.svg = optarg; break;
            case kHelp: fmt::print("{}", kUsage); return exit_code = 0, std::nullopt;
            default: fmt::print(stderr, "{}", kUsage); return exit_code = 1, std::nullopt;
        }
    }
    if (options.quick) {
        options.runs = 1;
        options.seconds = 0.1;
    }
    if (options.runs < 1 || !(options.seconds > 0)) {
        fmt::print(stderr, "helper_bench: --runs and --seconds must be positive\n");
        return exit_code = 1, std::nullopt;
    }
    return options;
}

}  // namespace prh::bench
