// SPDX-License-Identifier: MIT
// pr_state DEVICE: who is registered with which key, and who holds what, as READ FULL STATUS says; a nexus is
// its relative target port (LIO numbers the ports of a store as they were added). Past every helper. Prints
// "1=1111 2=1111 3=2222; 1 holds type 5", "1=1111; all hold type 7" or "nobody; nothing held".
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>

#include "vm/scene.h"

namespace {

using namespace prh::vm;

std::string describe(std::vector<Registrant> registrants) {
    std::sort(registrants.begin(), registrants.end(), [](const Registrant& a, const Registrant& b) {
        return a.relative_target_port < b.relative_target_port;
    });
    std::string line, holder = "nothing held";
    for (const Registrant& registrant : registrants) {
        const std::string port = std::to_string(registrant.relative_target_port);
        const unsigned type = registrant.scope_and_type & 0xF;
        line += (line.empty() ? "" : " ") + port + "=" + hex(registrant.key);
        if (registrant.holder)
            holder = (type >= 7 ? "all hold" : port + " holds") + " type " + std::to_string(type);
    }
    return (line.empty() ? "nobody" : line) + "; " + holder;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: pr_state DEVICE\n", stderr);
        return 2;
    }
    try {
        Nexus nexus(argv[1], Target::kLio, "", argv[1]);
        nexus.drain();
        std::puts(describe(full_status(nexus)).c_str());
        return 0;
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
        return 1;
    }
}
