// SPDX-License-Identifier: MIT
// pr_probe SOCKET DEVICE ro|rw COMMAND [KEY [ACTION-KEY [TYPE]]]: one command on DEVICE, opened as said,
// through a helper; prints what came of it ("00", "18", "02 5/20/00"; "closed" where there was no answer,
// "not taken" where it could not even be sent, and so was not executed). "in" is READ KEYS. For the scripts
// that need more than sg_persist shows.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "support/raw_client.h"

namespace {

constexpr std::uint64_t kKey = 0x1111;

struct Command {
    unsigned action;
    std::uint64_t key, action_key;
    unsigned type;
};

// With what they are sent unless told otherwise.
const std::map<std::string, Command>& commands() {
    static const std::map<std::string, Command> all = {
        {"register", {0, 0, kKey, 0}}, {"reserve", {1, kKey, 0, 5}},    {"release", {2, kKey, 0, 5}},
        {"clear", {3, kKey, 0, 0}},    {"preempt", {4, kKey, kKey, 5}}, {"preempt-abort", {5, kKey, kKey, 5}},
        {"ignore", {6, 0, kKey, 0}},
    };
    return all;
}

std::uint64_t argument(int argc, char** argv, int index, std::uint64_t otherwise) {
    return argc > index ? std::strtoull(argv[index], nullptr, 16) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace prh::test;
    const std::string mode = argc >= 5 ? argv[3] : "", name = argc >= 5 ? argv[4] : "";
    const auto command = commands().find(name);
    if ((mode != "ro" && mode != "rw") || (name != "in" && command == commands().end())) {
        std::fputs("usage: pr_probe SOCKET DEVICE ro|rw COMMAND [KEY [ACTION-KEY [TYPE]]], COMMAND one of in",
                   stderr);
        for (const auto& [word, _] : commands()) std::fprintf(stderr, ", %s", word.c_str());
        std::fputs("\n", stderr);
        return 2;
    }
    const int descriptor = ::open(argv[2], (mode == "ro" ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        std::fprintf(stderr, "%s: %s\n", argv[2], std::strerror(errno));
        return 1;
    }
    RawClient client;
    client.set_timeout(900);  // a disk that hangs is for the helper to wait for, on a machine of any speed
    if (!client.open(argv[1])) {
        std::fprintf(stderr, "%s: no helper answers\n", argv[1]);
        return 1;
    }
    bool taken = false;
    if (name == "in") {
        taken = client.send_request(pr_in(0, 4096), descriptor);
    } else {
        Command out = command->second;
        out.key = argument(argc, argv, 5, out.key);
        out.action_key = argument(argc, argv, 6, out.action_key);
        out.type = static_cast<unsigned>(argument(argc, argv, 7, out.type));
        taken =
            client.send_request(pr_out(out.action, out.type), descriptor, key_list(out.key, out.action_key));
    }
    const auto reply = taken ? client.read_reply() : std::nullopt;
    std::puts(reply ? reply->brief().c_str() : taken ? "closed" : "not taken");
    std::fflush(stdout);
    if (std::getenv("PR_PROBE_STAYS") != nullptr) ::pause();  // its connection is kept, until it is killed
    ::close(descriptor);
    return 0;
}
