// SPDX-License-Identifier: MIT
// pr_probe SOCKET DEVICE ro|rw in|register|reserve: one command on DEVICE, opened as said, through a helper;
// prints what came of it ("00", "18", "02 5/20/00"). The key is 1111h. For the scripts that need more than
// sg_persist shows.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "support/raw_client.h"

int main(int argc, char** argv) {
    using namespace prh::test;
    const std::string mode = argc == 5 ? argv[3] : "", command = argc == 5 ? argv[4] : "";
    const bool in = command == "in", registering = command == "register", reserving = command == "reserve";
    if ((mode != "ro" && mode != "rw") || !(in || registering || reserving)) {
        std::fputs("usage: pr_probe SOCKET DEVICE ro|rw in|register|reserve\n", stderr);
        return 2;
    }
    const int descriptor = ::open(argv[2], (mode == "ro" ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        std::fprintf(stderr, "%s: %s\n", argv[2], std::strerror(errno));
        return 1;
    }
    RawClient client;
    client.set_timeout(120);
    if (!client.open(argv[1])) {
        std::fprintf(stderr, "%s: no helper answers\n", argv[1]);
        return 1;
    }
    constexpr unsigned kReadKeys = 0, kReserve = 1, kRegisterAndIgnore = 6;
    constexpr std::uint64_t kKey = 0x1111;
    const auto reply = in ? client.request(pr_in(kReadKeys, 4096), descriptor)
                       : reserving
                           ? client.request(pr_out(kReserve, 5), descriptor, key_list(kKey, 0))
                           : client.request(pr_out(kRegisterAndIgnore, 0), descriptor, key_list(0, kKey));
    std::puts(reply ? reply->brief().c_str() : "closed");
    ::close(descriptor);
    return 0;
}
