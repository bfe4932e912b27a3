// SPDX-License-Identifier: MIT
// Speed and memory of qemu-pr-helper against the existing one and against the floor, in the same run: the
// same client, the same descriptor, the same limits, in turns.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "connection_sweep.h"
#include "options.h"
#include "report.h"
#include "scenarios.h"

namespace {

using namespace prh::bench;

constexpr int kSkip = 77;  // ctest's SKIP_RETURN_CODE: something that is needed is not there

constexpr std::size_t kSpareDescriptors = 100;  // beside the connections

struct Unavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A loop device, bound to a file or not: a block device, so that nobody refuses it for its kind, and one
/// whose SG_IO is EINVAL, so that the kernel's part is short and the same for all.
int open_loop_device() {
    for (int number = 0; number < 8; ++number) {
        const int fd = ::open(fmt::format("/dev/loop{}", number).c_str(), O_RDONLY | O_CLOEXEC);
        if (fd >= 0) return fd;
    }
    throw Unavailable("no /dev/loopN can be opened");
}

void raise_descriptor_limit(std::size_t needed) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < needed)
        throw Unavailable(fmt::format("RLIMIT_NOFILE is {}, {} are needed", limit.rlim_max, needed));
    limit.rlim_cur = limit.rlim_max;  // inherited by all contenders
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void require_program(const std::string& path) {
    if (::access(path.c_str(), X_OK) != 0) throw Unavailable(path + " is not there");
}

void write(const std::string& path, const std::string& text) {
    if (path.empty()) return;
    std::ofstream file(path);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

/// `measure_one` is called for every contender in every run, in turns.
template <class MeasureOne>
void in_turns(const Options& options, const Scale& scale, MeasureOne measure_one) {
    const int device = open_loop_device();
    auto order = kContenders;
    for (int run = 1; run <= options.runs; ++run) {
        fmt::print(stderr, "run {} of {}\n", run, options.runs);
        for (const Contender contender : order) {
            const std::string& program = contender == Contender::Existing ? options.existing
                                         : contender == Contender::Ours   ? options.ours
                                                                          : options.floor;
            measure_one(Bench{program, contender, device, options.seconds, scale});
        }
        std::rotate(order.begin(), order.begin() + 1, order.end());  // nobody always goes first
    }
    ::close(device);
}

void bench_scenarios(const Options& options) {
    const Scale scale = options.quick ? Scale{50, 200, 20, 4000} : Scale{};
    const Conditions conditions{helper_study(scale),
                                fmt::format("Medians of {} alternating runs, {:g} s for each scenario",
                                            options.runs, options.seconds),
                                machine_description()};
    raise_descriptor_limit(scale.many + kSpareDescriptors);
    Figures figures;
    in_turns(options, scale, [&](const Bench& bench) { run_scenarios(bench, figures); });
    fmt::print("{}", table(figures, conditions));
    write(options.csv, csv(figures, conditions));
    write(options.svg, svg(figures, conditions));
}

void bench_connections(const Options& options) {
    const std::vector<std::size_t> numbers = connection_numbers(options.quick);
    raise_descriptor_limit(numbers.back() + kSpareDescriptors);
    Sweep sweep(connections_study(
        fmt::format("Medians of {} alternating runs, {:g} s at each number", options.runs, options.seconds)));
    // The turns are taken at each number, so that what is compared was measured within seconds.
    for (const std::size_t open : numbers) {
        fmt::print(stderr, "{} open, ", open);
        in_turns(options, {}, [&](const Bench& bench) {
            sweep.add(static_cast<std::size_t>(bench.contender), open, one_busy_among(bench, open));
        });
    }
    fmt::print("{}", sweep.table());
    write(options.csv, sweep.csv());
    write(options.svg, sweep.svg());
}

}  // namespace

int main(int argc, char** argv) {
    int exit_code = 0;
    const auto options = parse_options(argc, argv, exit_code);
    if (!options) return exit_code;
    try {
        for (const std::string& program : {options->existing, options->ours, options->floor})
            require_program(program);
        options->connections ? bench_connections(*options) : bench_scenarios(*options);
        return 0;
    } catch (const Unavailable& missing) {
        fmt::print(stderr, "helper_bench: {}\n", missing.what());
        return std::getenv("CI") == nullptr ? kSkip : 1;  // a CI machine is to have everything
    } catch (const std::exception& error) {
        fmt::print(stderr, "helper_bench: {}\n", error.what());
        return 1;
    }
}
