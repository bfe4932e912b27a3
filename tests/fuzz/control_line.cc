// SPDX-License-Identifier: MIT
// What a client of the control socket sends, in any pieces: it is answered by whole lines of JSON, once, or
// not at all; and what it sends later changes nothing.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "fuzz/fuzz_input.h"
#include "server/control_client.h"

namespace {

std::string read_all(int from) {
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::recv(from, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    const UniqueFd asker(ends[1]);
    AuditStream stream([] {});
    ControlClient client(UniqueFd(ends[0]), stream);
    int asked = 0;
    const auto state = [&] { return ++asked, std::string(R"({"version":1})"); };

    fuzz::Input input(data, size);
    std::string said, answers;
    bool goes_on = true;
    while (goes_on && !input.empty()) {
        const ConstBytes piece = input.take(1 + input.byte() % 80);
        if (piece.empty()) break;
        REQUIRE(::send(asker.get(), piece.data(), piece.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(piece.size()));
        said.append(piece.begin(), piece.end());
        goes_on = client.go_on(POLLIN, state);
        if (stream.wanted(false)) stream.publish(R"({"event":"out"})", false);
        if (goes_on) goes_on = client.go_on(0, state);
        answers += read_all(asker.get());
    }
    const std::string first = said.substr(0, said.find('\n'));
    REQUIRE(asked == (first == "state" && said.size() > first.size() ? 1 : 0));
    REQUIRE(answers.empty() || answers.back() == '\n');
    std::istringstream lines(answers);
    for (std::string line; std::getline(lines, line);) REQUIRE(nlohmann::json::accept(line));
    return 0;
}
