// SPDX-License-Identifier: MIT
// How long a request takes while others are stuck on another disk that does not answer: through the existing
// helper and through ours, the same client, in turns. Runs in the test VM: --hung is a disk over iSCSI on the
// loopback interface, which is taken down meanwhile; --healthy is another one.
#include <fcntl.h>
#include <fmt/format.h>
#include <getopt.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/unique_fd.h"
#include "loopback_outage.h"
#include "report.h"
#include "server.h"
#include "stuck_clients.h"
#include "support/raw_client.h"
#include "sweep.h"

namespace {

using namespace prh::bench;
using prh::UniqueFd;
using prh::test::RawClient;

constexpr std::size_t kStuck[] = {0, 1, 16, 32, 48, 56, 64, 100, 200};
constexpr int kRequests = 200, kWarmUpRequests = 20;
constexpr int kWaitForReply = 10;     // seconds; after them there is no figure
constexpr int kWaitForNetwork = 180;  // seconds until what was stuck has ended: TCP sends again late
/// When the clients have sent their requests, the helper is still to take the last ones.
constexpr auto kUntilAllAreStuck = std::chrono::seconds(2);

enum CurveNumber : std::size_t { kExistingMedian, kExistingP99, kOurMedian, kOurP99 };

struct Options {
    std::string existing = "/usr/bin/qemu-pr-helper", ours, healthy, hung;
    int runs = 3;
    std::string csv, svg;
};

struct Latency {
    double median = kNotAnswered, p99 = kNotAnswered;  // microseconds
};

Latency latency_of(RawClient& client, int device, int requests) {
    std::vector<double> times;
    for (int i = 0; i < requests; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto reply = client.request(prh::test::pr_in(0, 4096), device);
        const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
        if (!reply) {
            if (time < std::chrono::seconds(kWaitForReply)) throw std::runtime_error("the helper hung up");
            return {};
        }
        if (reply->status != 0) throw std::runtime_error("the healthy disk says " + reply->brief());
        times.push_back(time.count());
    }
    std::sort(times.begin(), times.end());
    return {median_of(times).value(), times[times.size() * 99 / 100]};
}

Latency latency_beside(std::size_t stuck, const std::string& program, int healthy, int hung) {
    const Server server(program);
    RawClient client;
    client.set_timeout(kWaitForReply);
    if (!client.open(server.socket())) throw std::runtime_error(program + " does not serve");
    latency_of(client, healthy, kWarmUpRequests);
    std::optional<LoopbackOutage> outage(std::in_place);
    StuckClients others(server.socket(), hung, stuck);
    std::this_thread::sleep_for(kUntilAllAreStuck);
    const Latency latency = latency_of(client, healthy, kRequests);
    if (others.gone() != 0) throw std::runtime_error("a request on the hung disk has come to an end");
    outage.reset();
    if (!others.all_gone_within(kWaitForNetwork))
        throw std::runtime_error("the network is back, and requests are stuck still");
    return latency;
}

void measure(const Options& options, Sweep& sweep) {
    const UniqueFd healthy(::open(options.healthy.c_str(), O_RDWR | O_CLOEXEC));
    const UniqueFd hung(::open(options.hung.c_str(), O_RDWR | O_CLOEXEC));
    if (!healthy.valid() || !hung.valid()) throw std::runtime_error("--healthy and --hung: two disks");
    std::array order = {Contender::Existing, Contender::Ours};
    for (const std::size_t stuck : kStuck)
        for (int run = 1; run <= options.runs; ++run) {
            for (const Contender contender : order) {
                const bool is_ours = contender == Contender::Ours;
                const Latency latency = latency_beside(stuck, is_ours ? options.ours : options.existing,
                                                       healthy.get(), hung.get());
                fmt::print("{} stuck, run {} of {}, {}: {:.0f} us, p99 {:.0f} us\n", stuck, run, options.runs,
                           is_ours ? "ours" : "existing", latency.median, latency.p99);
                std::fflush(stdout);
                sweep.add(is_ours ? kOurMedian : kExistingMedian, stuck, latency.median);
                sweep.add(is_ours ? kOurP99 : kExistingP99, stuck, latency.p99);
            }
            std::rotate(order.begin(), order.begin() + 1, order.end());  // nobody always goes first
        }
}

SweepStudy hung_lun_study(int runs) {
    return {.title = "Latency on a healthy logical unit beside a hung one",
            .varied_id = "stuck",
            .varied = "requests stuck on the hung one",
            .measured = "READ KEYS, microseconds (logarithmic)",
            .given_up = fmt::format("in {} s (runs)", kWaitForReply),
            .varied_logarithmic = false,
            .measured_logarithmic = true,
            .curves = {{Contender::Existing, "existing_median", "existing qemu-pr-helper, median"},
                       {Contender::Existing, "existing_p99", "existing, p99", true},
                       {Contender::Ours, "ours_median", "this qemu-pr-helper, median"},
                       {Contender::Ours, "ours_p99", "this, p99", true}},
            .ours = kOurMedian,
            .existing = kExistingMedian,
            .method =
                fmt::format("Medians of {} alternating runs of {} requests at each number", runs, kRequests),
            .machine = "A virtual machine without KVM, " + machine_description()};
}

Options parse(int argc, char** argv) {
    enum { kExisting = 1, kOurs, kHealthy, kHung, kRuns, kCsv, kSvg };
    const option long_options[] = {
        {"existing", required_argument, nullptr, kExisting}, {"ours", required_argument, nullptr, kOurs},
        {"healthy", required_argument, nullptr, kHealthy},   {"hung", required_argument, nullptr, kHung},
        {"runs", required_argument, nullptr, kRuns},         {"csv", required_argument, nullptr, kCsv},
        {"svg", required_argument, nullptr, kSvg},           {nullptr, 0, nullptr, 0}};
    Options options;
    options.ours =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "qemu-pr-helper";
    for (int letter; (letter = ::getopt_long(argc, argv, "", long_options, nullptr)) != -1;) {
        switch (letter) {
            case kExisting: options.existing = optarg; break;
            case kOurs: options.ours = optarg; break;
            case kHealthy: options.healthy = optarg; break;
            case kHung: options.hung = optarg; break;
            case kRuns: options.runs = std::atoi(optarg); break;
            case kCsv: options.csv = optarg; break;
            case kSvg: options.svg = optarg; break;
            default:
                throw std::runtime_error(
                    "options: --existing, --ours, --healthy, --hung, --runs, --csv, --svg");
        }
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = parse(argc, argv);
        Sweep sweep(hung_lun_study(options.runs));
        measure(options, sweep);
        fmt::print("\n{}", sweep.table());
        std::ofstream(options.csv) << sweep.csv();
        std::ofstream(options.svg) << sweep.svg();
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "hung_lun_bench: {}\n", error.what());
        return 1;
    }
}
