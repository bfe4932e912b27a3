// SPDX-License-Identifier: MIT
// pr_probe SOCKET DEVICE MODE COMMAND[,COMMAND...] [KEY [ACTION-KEY [TYPE]]]: commands on DEVICE, one after
// the other on one connection, through a helper. MODE is how DEVICE is opened: ro, wo, rw, path (O_PATH) or
// ioctl (access mode 3). Prints what came of each ("00", "18", "02 5/20/00"; "closed" where there was no
// answer, "not taken" where it could not even be sent, and so was not executed). "in" is READ KEYS, "cleanup"
// the clean-up after a live migration, "wait" waits for a line on stdin. For the scripts that need more than
// sg_persist shows.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

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
    static const std::map<std::string, int> modes = {
        {"ro", O_RDONLY}, {"wo", O_WRONLY}, {"rw", O_RDWR}, {"path", O_PATH}, {"ioctl", 3}};
    const auto mode = modes.find(argc >= 5 ? argv[3] : "");
    std::vector<std::string> names;
    std::istringstream list(argc >= 5 ? argv[4] : "?");
    for (std::string name; std::getline(list, name, ',');) names.push_back(name);
    const bool known = std::all_of(names.begin(), names.end(), [](const std::string& name) {
        return name == "in" || name == "cleanup" || name == "wait" || commands().contains(name);
    });
    if (mode == modes.end() || !known) {
        std::fputs(
            "usage: pr_probe SOCKET DEVICE ro|wo|rw|path|ioctl COMMAND[,COMMAND...] [KEY [ACTION-KEY "
            "[TYPE]]],"
            " COMMAND one of in, cleanup, wait",
            stderr);
        for (const auto& [word, _] : commands()) std::fprintf(stderr, ", %s", word.c_str());
        std::fputs("\n", stderr);
        return 2;
    }
    const int descriptor = ::open(argv[2], mode->second | O_NONBLOCK | O_CLOEXEC);
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
    for (const std::string& name : names) {
        bool taken = false;
        if (name == "wait") {
            std::getchar();
            continue;
        }
        if (name == "in") {
            taken = client.send_request(pr_in(0, 4096), descriptor);
        } else if (name == "cleanup") {
            taken = client.send_request({0xFF}, descriptor);
        } else {
            Command out = commands().at(name);
            out.key = argument(argc, argv, 5, out.key);
            out.action_key = argument(argc, argv, 6, out.action_key);
            out.type = static_cast<unsigned>(argument(argc, argv, 7, out.type));
            taken = client.send_request(pr_out(out.action, out.type), descriptor,
                                        key_list(out.key, out.action_key));
        }
        const auto reply = taken ? client.read_reply() : std::nullopt;
        std::puts(reply ? reply->brief().c_str() : taken ? "closed" : "not taken");
        std::fflush(stdout);
    }
    if (std::getenv("PR_PROBE_STAYS") != nullptr) ::pause();  // its connection is kept, until it is killed
    ::close(descriptor);
    return 0;
}
