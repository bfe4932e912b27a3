// SPDX-License-Identifier: MIT
// hostile_crowd SOCKET DISK CONNECTIONS TURNS-PER-SECOND REQUEST-TIMEOUT [HANGING-FILE]: a crowd of hostile
// connections, until SIGTERM. The connections take turns, so many in a second: what is to be tested is what
// they make the server do, and not how the kernel divides processors between a crowd and a server. Started as
// root, the crowd is nobody, as whoever attacks is another user than who is attacked.
//
// Each has ten connections, one of each kind, in a process of its own: what a server allows a client process
// (--max-requests-per-process) limits nobody but that one. A crowd in one process would soon be silent, all
// of its requests in what hangs.
//
// Prints "ready" when every connection has had its first turn, and at the end how many turns there were, how
// many connections are open, and how often each mischief was done (HostileConnection::done). Exit code 1 if
// one was done not half as often as there were turns for it: the server, whose --request-timeout is given,
// did not hear that part of the crowd. With a HANGING-FILE (tests/support/hostile_fuse_file.h) it ends only
// when that file's server has.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <new>
#include <thread>
#include <vector>

#include "load/hostile_connection.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

std::atomic<bool> ended = false;

/// What the members have done, in memory that they share.
struct Tally {
    std::atomic<int> seen_once = 0;  ///< members whose every connection has had a turn
    std::atomic<long> turns = 0;
    std::atomic<long> open = 0;
    std::atomic<long> done[kMischiefs]{};
};

Tally* shared_tally() {
    void* const memory =
        ::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : new (memory) Tally;
}

/// As many as we may have: for those on their way, which count too (unix(7), ETOOMANYREFS).
bool allow_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/// Between two turns of one process; its first turn comes `lead` later, so that not all take theirs at once.
struct Pace {
    std::chrono::nanoseconds pause, lead;
};

void be_member(const HostileConnection::Means& means, std::size_t size, Pace pace, Tally& tally) {
    std::deque<HostileConnection> connections;
    for (std::size_t i = 0; i < size; ++i)
        connections.emplace_back(means, static_cast<Mischief>(i % kMischiefs));
    auto next = std::chrono::steady_clock::now() + pace.lead;
    std::this_thread::sleep_until(next);
    for (std::size_t i = 0; !ended; ++i) {
        if (i == size) ++tally.seen_once;
        const bool used = connections[i % size].take_turn();
        if (used) ++tally.turns;
        if (used || i % size == 0) std::this_thread::sleep_until(next += pace.pause);
    }
    for (std::size_t i = 0; i < size; ++i) {
        if (connections[i].open()) ++tally.open;
        tally.done[i % kMischiefs] += connections[i].done();
    }
}

/// Killed when the crowd's first process is, however it ends.
bool end_with_parent(pid_t parent) {
    return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
}

/// Lets them end, waits until they have; true if each ended well.
bool end_all(const std::vector<pid_t>& members) {
    for (const pid_t member : members) ::kill(member, SIGTERM);
    bool well = true;
    for (const pid_t member : members) {
        int status = 0;
        pid_t found;
        do found = ::waitpid(member, &status, 0);
        while (found < 0 && errno == EINTR);
        well = well && found == member && status == 0;
    }
    return well;
}

struct Siege {
    int size, rate, request_timeout;
    bool with_hanging;
    double seconds = 0;  ///< from when all had had a turn
};

void report(const Tally& tally) {
    std::printf("%ld turns, %ld connections", tally.turns.load(), tally.open.load());
    for (int i = 0; i < kMischiefs; ++i) {
        const std::string_view name = name_of(static_cast<Mischief>(i));
        std::printf(", %ld %.*s", tally.done[i].load(), static_cast<int>(name.size()), name.data());
    }
    std::puts("");
}

/// Each kind about as often as its connections have a turn: all of them in a round, where each uses its own.
/// Those that keep the server waiting do not, until it has closed them, and leave theirs to the others; what
/// hangs does so once.
bool all_did_theirs(const Tally& tally, const Siege& siege) {
    constexpr double kTick = 1;  // seconds; the server looks for who is overdue so often
    const double of_a_kind = siege.size / kMischiefs, round = static_cast<double>(siege.size) / siege.rate;
    bool all = true;
    for (int i = 0; i < kMischiefs; ++i) {
        const auto kind = static_cast<Mischief>(i);
        const double cycle = keeps_waiting(kind) ? siege.request_timeout + kTick + round : round;
        const double turns = hangs(kind) ? 1 : std::max(0., siege.seconds / cycle - 1);
        if (hangs(kind) && !siege.with_hanging) continue;
        if (static_cast<double>(tally.done[i]) >= of_a_kind * turns / 2) continue;
        const std::string_view name = name_of(kind);
        std::fprintf(stderr, "hostile_crowd: %.*s: %ld, of %.0f\n", static_cast<int>(name.size()),
                     name.data(), tally.done[i].load(), of_a_kind * turns);
        all = false;
    }
    return all;
}

}  // namespace
}  // namespace prh::test

int main(int argc, char** argv) {
    using namespace prh::test;
    if (argc < 6) {
        std::fputs(
            "usage: hostile_crowd SOCKET DISK CONNECTIONS TURNS-PER-SECOND REQUEST-TIMEOUT [HANGING-FILE]\n",
            stderr);
        return 2;
    }
    ::signal(SIGTERM, [](int) { ended = true; });
    Siege siege{std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]), argc > 6};
    if (siege.size <= 0 || siege.rate <= 0 || siege.request_timeout <= 0 || !allow_descriptors())
        return std::perror("hostile_crowd"), 1;
    const int disk = ::open(argv[2], O_RDONLY | O_CLOEXEC);
    if (disk < 0) return std::perror(argv[2]), 1;
    const int hanging = siege.with_hanging ? ::open(argv[6], O_RDONLY | O_CLOEXEC) : -1;
    if (siege.with_hanging && hanging < 0) return std::perror(argv[6]), 1;
    Tally* const tally = shared_tally();
    if (!tally) return std::perror("hostile_crowd"), 1;
    if (::geteuid() == 0) become_nobody();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user would take it away

    const HostileConnection::Means means{argv[1], disk, hanging};
    const int members = (siege.size + kMischiefs - 1) / kMischiefs;
    const std::chrono::nanoseconds between_turns(1'000'000'000 / siege.rate);
    std::vector<pid_t> pids;
    for (int i = 0; i < members; ++i) {
        const pid_t parent = ::getpid(), member = ::fork();
        if (member < 0) return std::perror("fork"), end_all(pids), 1;
        if (member > 0) {
            pids.push_back(member);
            continue;
        }
        if (!end_with_parent(parent)) ::_exit(1);
        const int of_them = i + 1 < members ? kMischiefs : siege.size - i * kMischiefs;
        be_member(means, static_cast<std::size_t>(of_them), {members * between_turns, i * between_turns},
                  *tally);
        ::_exit(0);
    }
    const std::chrono::milliseconds moment(10);
    while (!ended && tally->seen_once < members) std::this_thread::sleep_for(moment);
    const auto begun = std::chrono::steady_clock::now();
    if (!ended) std::puts("ready"), std::fflush(stdout);
    while (!ended) std::this_thread::sleep_for(moment);
    siege.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const bool well = end_all(pids);
    report(*tally);
    return well && all_did_theirs(*tally, siege) ? 0 : 1;
}
