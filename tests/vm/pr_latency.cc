// SPDX-License-Identifier: MIT
// pr_latency DEVICE REQUESTS WINDOWS SOCKET...: READ KEYS on DEVICE through each helper in turn, REQUESTS of
// each in each of WINDOWS windows, on one connection to each. Prints, in a line, the p99 of each helper's
// best window in microseconds: an emulated processor has bad moments of its own, and a helper that holds
// requests up has no good ones. What befalls the machine meanwhile befalls all of them.
#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "support/descriptor.h"
#include "support/raw_client.h"

namespace {

using namespace prh::test;
using Clock = std::chrono::steady_clock;

struct Helper {
    RawClient client;
    std::vector<long> window{};  // microseconds
    std::vector<long> p99s{};

    /// False, with a word about it, if the answer is not GOOD.
    bool ask(int device) {
        const auto sent = Clock::now();
        const auto reply = client.request(pr_in(0, 4096), device);
        if (!reply || reply->status != 0)
            return std::printf("%s\n", reply ? reply->brief().c_str() : "closed"), false;
        const auto taken = Clock::now() - sent;
        window.push_back(std::chrono::duration_cast<std::chrono::microseconds>(taken).count());
        return true;
    }
    void end_window() {
        std::sort(window.begin(), window.end());
        p99s.push_back(window[window.size() * 99 / 100]);
        window.clear();
    }
};

}  // namespace

int main(int argc, char** argv) {
    const int requests = argc > 4 ? std::atoi(argv[2]) : 0, windows = argc > 4 ? std::atoi(argv[3]) : 0;
    if (requests <= 0 || windows <= 0)
        return std::fputs("usage: pr_latency DEVICE REQUESTS WINDOWS SOCKET...\n", stderr), 2;
    const Descriptor device(argv[1], O_RDWR | O_NONBLOCK);
    if (!device.valid()) return std::perror(argv[1]), 1;
    std::vector<Helper> helpers(static_cast<std::size_t>(argc - 4));
    for (std::size_t i = 0; i < helpers.size(); ++i) {
        if (!helpers[i].client.open(argv[4 + i])) return std::perror(argv[4 + i]), 1;
        helpers[i].client.set_timeout(120);
    }
    for (int window = 0; window < windows; ++window) {
        for (int i = 0; i < requests; ++i)
            for (Helper& helper : helpers)
                if (!helper.ask(device.get())) return 1;
        for (Helper& helper : helpers) helper.end_window();
    }
    for (const Helper& helper : helpers)
        std::printf("%ld ", *std::min_element(helper.p99s.begin(), helper.p99s.end()));
    std::puts("");
}
