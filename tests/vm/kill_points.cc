// SPDX-License-Identifier: MIT
// kill_points: kills a helper before and after each PERSISTENT RESERVE OUT that it sends while it carries out
// a command on a multipath map; then another helper is started, and the guest sends the command again. The
// state must be what the command is for, down each path, and no key be registered that the guest does not
// know. A line per command; exit code 1 if one failed.
#include "vm/kill_points.h"

#include <getopt.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "support/process.h"

namespace prh::vm {
namespace {

constexpr int kMostCommands = 60;  // nothing takes a helper more

struct Options {
    std::string helper, preload;
    SceneOptions scene;
};

[[noreturn]] void usage() {
    std::fputs(
        "usage: kill_points --helper=PROGRAM --switch=LIBRARY --socket=PATH --ours=MAP --other=DEVICE\n"
        "                   --path=DEVICE...\n",
        stderr);
    std::exit(2);
}

Options parse(int argc, char** argv) {
    enum { kHelper = 256, kSwitch, kSocket, kOurs, kOther, kPath };
    const option long_options[] = {{"helper", required_argument, nullptr, kHelper},
                                   {"switch", required_argument, nullptr, kSwitch},
                                   {"socket", required_argument, nullptr, kSocket},
                                   {"ours", required_argument, nullptr, kOurs},
                                   {"other", required_argument, nullptr, kOther},
                                   {"path", required_argument, nullptr, kPath},
                                   {nullptr, 0, nullptr, 0}};
    Options options;
    for (int c; (c = ::getopt_long(argc, argv, "", long_options, nullptr)) != -1;) {
        switch (c) {
            case kHelper: options.helper = optarg; break;
            case kSwitch: options.preload = optarg; break;
            case kSocket: options.scene.socket = optarg; break;
            case kOurs: options.scene.ours = optarg; break;
            case kOther: options.scene.other = optarg; break;
            case kPath: options.scene.paths.push_back(optarg); break;
            default: usage();
        }
    }
    if (options.helper.empty() || options.preload.empty() || options.scene.paths.empty()) usage();
    return options;
}

struct KillPoint {
    int at = 0;  ///< 0: not at all
    bool after = false;
};

class Helper {
  public:
    explicit Helper(const Options& options, KillPoint point = {})
        : process_({options.helper, "-k", options.scene.socket}, environment(options, point)) {
        const bool ready = test::eventually([&] {
            test::RawClient client;
            return client.open(options.scene.socket);
        });
        if (!ready) throw std::runtime_error("the helper does not answer: " + process_.err());
    }
    bool was_killed() { return process_.wait(5).value_or(0) > 128; }
    void stop() {
        process_.signal(SIGTERM);
        process_.wait();
    }
    std::string said() { return process_.err(); }

  private:
    static test::ProcessOptions environment(const Options& options, KillPoint point) {
        test::ProcessOptions result;
        if (point.at != 0)
            result.environment = {{"LD_PRELOAD", options.preload},
                                  {"PRH_KILL_AT", std::to_string(point.at)},
                                  {"PRH_KILL_WHEN", point.after ? "after" : "before"}};
        return result;
    }

    test::Process process_;
};

/// A unit attention says that the command was not carried out: a guest sends it again.
std::string send_again(Scene& scene, const Interrupted& interrupted) {
    std::string seen;
    for (int i = 0; i < 4; ++i) {
        seen = interrupted.command(scene.ours).reply().brief();
        if (seen.rfind("02 6/", 0) != 0) break;
    }
    return seen;
}

void check_keys(Nexus& ours) {
    // What was done before the kill may have left a unit attention, as a reset of the disk would.
    for (int i = 0; i < 4 && ours.in(0, 8).reply().status != 0; ++i) continue;
    for (const Registrant& registrant : full_status(ours))
        if (registrant.key != K && registrant.key != K2 && registrant.key != J)
            throw RowFailure("key " + hex(registrant.key) + " is left");
}

/// Whether the helper was killed at all: the command may need fewer commands than that.
bool play(const Options& options, const Interrupted& interrupted, KillPoint point) {
    {
        Helper helper(options);
        Scene scene(options.scene);
        scene.clean();
        interrupted.prepare(scene);
        scene.ours.drain();
        scene.other.drain();
        helper.stop();
    }
    bool killed = false;
    {
        Helper helper(options, point);
        Nexus ours("ours", Target::kLio, options.scene.socket, options.scene.ours);
        try {
            interrupted.command(ours).good();
            helper.stop();
        } catch (const RowFailure&) {
            killed = helper.was_killed();
            if (!killed) throw;
        }
    }
    Helper helper(options);
    Scene scene(options.scene);
    std::string seen = "not sent";
    try {
        if (point.after) check_keys(scene.ours);  // any request finds what was interrupted
        if (killed) seen = send_again(scene, interrupted);
        check_keys(scene.ours);
        interrupted.check(scene);
        scene.ours.no_attention();
    } catch (const RowFailure& failure) {
        helper.stop();
        throw RowFailure(std::string(failure.what()) + " (sent again: " + seen +
                         "; the helper said: " + helper.said() + ")");
    }
    helper.stop();
    return killed;
}

bool play_all(const Options& options, const Interrupted& interrupted) {
    std::string failures;
    int points = 0, failed = 0;
    for (const bool after : {false, true}) {
        for (int at = 1; at <= kMostCommands; ++at) {
            try {
                if (!play(options, interrupted, {at, after})) break;
                ++points;
            } catch (const std::exception& error) {
                ++points;
                ++failed;
                failures += std::string("        killed ") + (after ? "after" : "before") + " command " +
                            std::to_string(at) + ": " + error.what() + "\n";
                if (failed > 20) break;
            }
        }
    }
    std::printf("%-6s  %s: killed at %d points, wrong afterwards at %d\n%s", failed == 0 ? "ok" : "FAILED",
                interrupted.title, points, failed, failures.c_str());
    std::fflush(stdout);
    return failed == 0 && points > 0;
}

int run(Options options) {
    {
        Helper helper(options);
        options.scene.identities = Scene(options.scene).learn_identities();
        helper.stop();
    }
    int failed = 0;
    for (const Interrupted& interrupted : interrupted_commands())
        failed += play_all(options, interrupted) ? 0 : 1;
    std::printf("%d commands failed\n", failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace prh::vm

int main(int argc, char** argv) {
    try {
        return prh::vm::run(prh::vm::parse(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kill_points: %s\n", error.what());
        return 1;
    }
}
