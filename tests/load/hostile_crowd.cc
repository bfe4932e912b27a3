// SPDX-License-Identifier: MIT
// hostile_crowd SOCKET DISK CONNECTIONS TURNS-PER-SECOND [HANGING-FILE]: a crowd of hostile connections,
// until SIGTERM. The connections take turns, so many in a second: what is to be tested is what they make the
// server do, and not how the kernel divides processors between a crowd and a server. Started as root, the
// crowd is nobody, as whoever attacks is another user than who is attacked.
//
// Prints "ready" when every connection has had its first turn, and at the end how many turns there were. With
// a HANGING-FILE (tests/support/hostile_fuse_file.h) it ends only when that file's server has.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <thread>

#include "load/hostile_connection.h"
#include "support/unprivileged.h"

namespace {

std::atomic<bool> ended = false;

/// As many as we may have: for our own connections, and for those on their way, which count too (unix(7),
/// ETOOMANYREFS).
bool allow_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace prh::test;
    if (argc < 5) {
        std::fputs("usage: hostile_crowd SOCKET DISK CONNECTIONS TURNS-PER-SECOND [HANGING-FILE]\n", stderr);
        return 2;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGTERM, [](int) { ended = true; });
    const int size = std::atoi(argv[3]), rate = std::atoi(argv[4]);
    if (size <= 0 || rate <= 0 || !allow_descriptors()) return std::perror("hostile_crowd"), 1;
    const int disk = ::open(argv[2], O_RDONLY | O_CLOEXEC);
    if (disk < 0) return std::perror(argv[2]), 1;
    const int hanging = argc > 5 ? ::open(argv[5], O_RDONLY | O_CLOEXEC) : -1;
    if (argc > 5 && hanging < 0) return std::perror(argv[5]), 1;
    if (::geteuid() == 0) become_nobody();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user takes it away

    const HostileConnection::Means means{argv[1], disk, hanging};
    std::deque<HostileConnection> crowd;
    for (int i = 0; i < size; ++i) crowd.emplace_back(means, static_cast<Mischief>(i % kMischiefs));

    const std::chrono::nanoseconds pause(1'000'000'000 / rate);
    auto next = std::chrono::steady_clock::now();
    long turns = 0;
    for (long i = 0; !ended; ++i) {
        const bool whole_round = i % size == 0;
        if (i == size) std::puts("ready"), std::fflush(stdout);
        const bool used = crowd[static_cast<std::size_t>(i % size)].take_turn();
        if (used) ++turns;
        if (used || whole_round) std::this_thread::sleep_until(next += pause);
    }
    long open = 0;
    for (const HostileConnection& connection : crowd) open += connection.open() ? 1 : 0;
    std::printf("%ld turns, %ld connections\n", turns, open);
}
