// SPDX-License-Identifier: MIT
// reservation_rows: the table of what a reservation command must come to, played through a helper's socket
// against a real disk (--target=lio) or the emulator (--target=spc). A line per row; exit code 1 if one
// failed.
#include <getopt.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>

#include "vm/scene.h"

namespace prh::vm {
namespace {

struct Options {
    SceneOptions scene;
    std::set<int> only;  ///< empty: all
};

[[noreturn]] void usage() {
    std::fputs(
        "usage: reservation_rows --socket=PATH --ours=DEVICE --other=DEVICE --target=lio|spc\n"
        "                        [--path=DEVICE]... [--aptpl-directory=PATH] [--aborts] "
        "[--only=ROW,ROW...]\n",
        stderr);
    std::exit(2);
}

Options parse(int argc, char** argv) {
    enum { kSocket = 256, kOurs, kOther, kPath, kTarget, kAptpl, kAborts, kOnly };
    const option long_options[] = {{"socket", required_argument, nullptr, kSocket},
                                   {"ours", required_argument, nullptr, kOurs},
                                   {"other", required_argument, nullptr, kOther},
                                   {"path", required_argument, nullptr, kPath},
                                   {"target", required_argument, nullptr, kTarget},
                                   {"aborts", no_argument, nullptr, kAborts},
                                   {"aptpl-directory", required_argument, nullptr, kAptpl},
                                   {"only", required_argument, nullptr, kOnly},
                                   {nullptr, 0, nullptr, 0}};
    Options options;
    std::string target;
    for (int c; (c = ::getopt_long(argc, argv, "", long_options, nullptr)) != -1;) {
        switch (c) {
            case kSocket: options.scene.socket = optarg; break;
            case kOurs: options.scene.ours = optarg; break;
            case kOther: options.scene.other = optarg; break;
            case kPath: options.scene.paths.push_back(optarg); break;
            case kTarget: target = optarg; break;
            case kAptpl: options.scene.aptpl_directory = optarg; break;
            case kAborts: options.scene.aborts = true; break;
            case kOnly: {
                std::istringstream list(optarg);
                for (std::string number; std::getline(list, number, ',');)
                    options.only.insert(std::atoi(number.c_str()));
                break;
            }
            default: usage();
        }
    }
    if (options.scene.socket.empty() || options.scene.ours.empty() || options.scene.other.empty()) usage();
    if (target != "lio" && target != "spc") usage();
    options.scene.target = target == "lio" ? Target::kLio : Target::kSpc;
    return options;
}

Rows all_rows() {
    Rows rows;
    for (Rows part : {registering_rows(), reserving_rows(), releasing_rows(), preempting_rows(),
                      parameter_rows(), moving_rows(), path_rows()})
        std::move(part.begin(), part.end(), std::back_inserter(rows));
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.number < b.number; });
    return rows;
}

const char* reason_to_leave_out(const Row& row, const SceneOptions& options) {
    if (row.needs == Needs::kLio && options.target != Target::kLio) return "only a real disk shows it";
    if (row.needs == Needs::kAbort && !options.aborts) return "it hangs Linux 6.1 on a loopback port";
    if (row.needs == Needs::kPaths && options.paths.empty()) return "ours is one disk";
    return nullptr;
}

bool play(const Row& row, Scene& scene) {
    std::string failure;
    try {
        scene.clean();
        row.play(scene);
    } catch (const std::exception& error) {
        failure = error.what();
    }
    std::printf("row %2d  %-6s  %s\n", row.number, failure.empty() ? "ok" : "FAILED", row.title);
    if (!failure.empty()) std::printf("                %s\n", failure.c_str());
    std::fflush(stdout);
    return failure.empty();
}

int run(const Options& options) {
    Scene scene(options.scene);
    scene.learn_identities();
    int played = 0, failed = 0;
    for (const Row& row : all_rows()) {
        if (!options.only.empty() && options.only.count(row.number) == 0) continue;
        if (const char* reason = reason_to_leave_out(row, options.scene)) {
            std::printf("row %2d  -       %s (not here: %s)\n", row.number, row.title, reason);
            continue;
        }
        ++played;
        failed += play(row, scene) ? 0 : 1;
    }
    std::printf("%d rows played, %d failed\n", played, failed);
    return failed == 0 && played > 0 ? 0 : 1;
}

}  // namespace
}  // namespace prh::vm

int main(int argc, char** argv) {
    try {
        return prh::vm::run(prh::vm::parse(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "reservation_rows: %s\n", error.what());
        return 1;
    }
}
