// SPDX-License-Identifier: MIT
// The time that a persistent reservation takes on multipath maps of two and of four paths: mpathpersist as
// its users run it (a command per request), libmpathpersist's call alone, and this helper, through its
// socket. In turns, in one run; runs where there are such maps, and multipathd with "reservation_key file".
#include <fcntl.h>
#include <fmt/format.h>
#include <getopt.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "multipath_figures.h"
#include "report.h"
#include "server.h"
#include "support/raw_client.h"

extern char** environ;

namespace {

using namespace prh::bench;
using prh::test::Process;
using prh::test::RawClient;

constexpr int kCommandCalls = 5, kLibraryCalls = 20, kOurCalls = 200, kWarmUpCalls = 20;
constexpr std::uint64_t kKey = 0x1111;

struct Map {
    std::string node;
    std::size_t paths;
};

struct Options {
    std::string ours, calls;
    std::vector<Map> maps;
    int runs = 5;
    std::string csv, svg;
};

using Times = std::vector<double>;  // microseconds

/// Starts the program with nothing to read and its output to nowhere, and waits for it.
double time_of_command(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    for (const int fd : {0, 1, 2}) ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    pid_t pid = -1;
    int status = -1;
    const auto start = std::chrono::steady_clock::now();
    const int error = ::posix_spawnp(&pid, arguments[0], &files, nullptr, arguments.data(), environ);
    if (error == 0) ::waitpid(pid, &status, 0);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    ::posix_spawn_file_actions_destroy(&files);
    if (error != 0 || status != 0) throw std::runtime_error(words[0] + " fails");
    return time.count();
}

Times command_times(const Map& map, bool registering) {
    std::vector<std::string> words = {"mpathpersist", "--in", "-k", map.node};
    if (registering)
        words = {"mpathpersist", "--out", "--register-ignore", fmt::format("--param-sark={:x}", kKey),
                 map.node};
    Times times;
    for (int i = 0; i < kCommandCalls; ++i) times.push_back(time_of_command(words));
    return times;
}

Times library_times(const Options& options, const Map& map, bool registering) {
    Process process({options.calls, map.node, registering ? "register-ignore" : "read-keys",
                     std::to_string(kLibraryCalls)});
    const auto exit_code = process.wait(300);
    if (exit_code != 0) throw std::runtime_error(options.calls + " fails: " + process.err());
    Times times;
    std::istringstream lines(process.out());
    for (double time; lines >> time;) times.push_back(time);
    return times;
}

Times our_times(const Options& options, const Map& map, bool registering) {
    const Server server(options.ours);
    RawClient client;
    const int node = ::open(map.node.c_str(), O_RDWR | O_CLOEXEC);
    if (node < 0 || !client.open(server.socket())) throw std::runtime_error("no helper, or no " + map.node);
    const auto cdb = registering ? prh::test::pr_out(6, 0) : prh::test::pr_in(0, 8192);
    const auto list = registering ? prh::test::key_list(0, kKey) : prh::test::Bytes{};
    Times times;
    for (int i = -kWarmUpCalls; i < kOurCalls; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto reply = client.request(cdb, node, list);
        const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
        if (!reply || reply->status != 0)
            throw std::runtime_error("our answer is " + (reply ? reply->brief() : "none"));
        if (!registering && reply->size != 8 + 8 * map.paths)
            throw std::runtime_error(fmt::format("{} bytes of keys, of {} paths", reply->size, map.paths));
        if (i >= 0) times.push_back(time.count());
    }
    ::close(node);
    return times;
}

void measure(const Options& options, Figures& figures) {
    auto order = kContenders;
    for (int run = 1; run <= options.runs; ++run) {
        fmt::print(stderr, "run {} of {}\n", run, options.runs);
        for (const Map& map : options.maps)
            for (const bool registering : {true, false})  // keys to read are registered by then
                for (const Contender contender : order) {
                    // What udevd does after the one before is not to be paid by this one.
                    time_of_command({"udevadm", "settle"});
                    const double time =
                        median_of(contender == Contender::Existing ? command_times(map, registering)
                                  : contender == Contender::Ours   ? our_times(options, map, registering)
                                                                   : library_times(options, map, registering))
                            .value();
                    const MapFigures figure = map_figures(registering, map.paths);
                    figures.add(figure.time, contender, time);
                    figures.add(figure.rate, contender, 1e6 / time);
                }
        std::rotate(order.begin(), order.begin() + 1, order.end());  // nobody always goes first
    }
}

Options parse(int argc, char** argv) {
    enum { kOurs = 1, kCalls, kMap2, kMap4, kRuns, kCsv, kSvg };
    const option long_options[] = {
        {"ours", required_argument, nullptr, kOurs}, {"calls", required_argument, nullptr, kCalls},
        {"map2", required_argument, nullptr, kMap2}, {"map4", required_argument, nullptr, kMap4},
        {"runs", required_argument, nullptr, kRuns}, {"csv", required_argument, nullptr, kCsv},
        {"svg", required_argument, nullptr, kSvg},   {nullptr, 0, nullptr, 0}};
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    Options options;
    options.ours = here.parent_path() / "qemu-pr-helper";
    options.calls = here / "mpathpersist_calls";
    for (int letter; (letter = ::getopt_long(argc, argv, "", long_options, nullptr)) != -1;) {
        switch (letter) {
            case kOurs: options.ours = optarg; break;
            case kCalls: options.calls = optarg; break;
            case kMap2: options.maps.push_back({optarg, 2}); break;
            case kMap4: options.maps.push_back({optarg, 4}); break;
            case kRuns: options.runs = std::atoi(optarg); break;
            case kCsv: options.csv = optarg; break;
            case kSvg: options.svg = optarg; break;
            default:
                throw std::runtime_error("options: --ours, --calls, --map2, --map4, --runs, --csv, --svg");
        }
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = parse(argc, argv);
        Figures figures;
        measure(options, figures);
        const Conditions conditions{
            multipath_study(),
            fmt::format(
                "Medians of {} alternating runs of {} commands, {} calls of the library and {} of ours",
                options.runs, kCommandCalls, kLibraryCalls, kOurCalls),
            "A virtual machine without KVM, " + machine_description()};
        fmt::print("{}\n", table(figures, conditions));
        for (const Figure figure : conditions.study.panels[0].figures)
            if (const auto ratio = figures.ratio(figure, Contender::Floor))
                fmt::print("To the library's call alone, {}: {}\n", conditions.study.info_of(figure).title,
                           ratio_text(*ratio));
        std::ofstream(options.csv) << csv(figures, conditions);
        std::ofstream(options.svg) << svg(figures, conditions);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "multipath_bench: {}\n", error.what());
        return 1;
    }
}
