// SPDX-License-Identifier: MIT
// honest_clients SOCKET DIRECTORY CLIENTS STEPS-PER-SECOND: clusters on disks of their own (honest_client.h),
// each so many commands in a second and now and then a new connection, until SIGTERM. Prints how many
// commands there were; exit code 1 as soon as one was not answered as it must be.
#include <signal.h>
#include <sys/prctl.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "load/honest_client.h"

namespace {

using prh::test::HonestClient;

std::atomic<bool> ended = false;
std::atomic<bool> failed = false;
std::atomic<long> commands = 0;

void work(HonestClient& client, std::chrono::nanoseconds pause) {
    constexpr int kReconnectEvery = 100;
    auto next = std::chrono::steady_clock::now();
    for (int steps = 1; !ended; ++steps) {
        if (steps % kReconnectEvery == 0) client.reconnect();
        if (!client.step()) break;
        ++commands;
        std::this_thread::sleep_until(next += pause);
    }
    if (client.finish()) return;
    std::fprintf(stderr, "honest_clients: %s\n", client.failure().c_str());
    failed = ended = true;
}

}  // namespace

int main(int argc, char** argv) {
    const int count = argc == 5 ? std::atoi(argv[3]) : 0, rate = argc == 5 ? std::atoi(argv[4]) : 0;
    if (count <= 0 || rate <= 0) {
        std::fputs("usage: honest_clients SOCKET DIRECTORY CLIENTS STEPS-PER-SECOND\n", stderr);
        return 2;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGTERM, [](int) { ended = true; });
    std::vector<HonestClient> clients;
    for (int i = 0; i < count; ++i)
        clients.emplace_back(argv[1], std::string(argv[2]) + "/honest" + std::to_string(i));
    std::vector<std::thread> threads;
    for (HonestClient& client : clients)
        threads.emplace_back([&] { work(client, std::chrono::nanoseconds(1'000'000'000 / rate)); });
    for (std::thread& thread : threads) thread.join();
    std::printf("%ld commands\n", commands.load());
    return failed ? 1 : 0;
}
