// SPDX-License-Identifier: MIT
// pr_latency SOCKET DEVICE REQUESTS WINDOWS: READ KEYS on DEVICE through a helper, REQUESTS in each of
// WINDOWS windows, one after the other on one connection. Prints the p99 of the best window in microseconds:
// an emulated processor has bad moments of its own, and a helper that holds requests up has no good ones.
#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "support/descriptor.h"
#include "support/raw_client.h"

int main(int argc, char** argv) {
    using namespace prh::test;
    using Clock = std::chrono::steady_clock;
    const int requests = argc == 5 ? std::atoi(argv[3]) : 0, windows = argc == 5 ? std::atoi(argv[4]) : 0;
    if (requests <= 0 || windows <= 0)
        return std::fputs("usage: pr_latency SOCKET DEVICE REQUESTS WINDOWS\n", stderr), 2;
    const Descriptor device(argv[2], O_RDWR | O_NONBLOCK);
    RawClient client;
    if (!device.valid() || !client.open(argv[1])) return std::perror("pr_latency"), 1;
    client.set_timeout(120);
    std::vector<long> p99s;
    for (int window = 0; window < windows; ++window) {
        std::vector<long> microseconds;
        for (int i = 0; i < requests; ++i) {
            const auto sent = Clock::now();
            const auto reply = client.request(pr_in(0, 4096), device.get());
            if (!reply || reply->status != 0)
                return std::printf("%s\n", reply ? reply->brief().c_str() : "closed"), 1;
            microseconds.push_back(
                std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - sent).count());
        }
        std::sort(microseconds.begin(), microseconds.end());
        p99s.push_back(microseconds[microseconds.size() * 99 / 100]);
    }
    std::printf("%ld\n", *std::min_element(p99s.begin(), p99s.end()));
}
