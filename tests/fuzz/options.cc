// SPDX-License-Identifier: MIT
// A command line of anything: it is understood, or refused with exit code 1, and never more than that.
#include "server/options.h"

#include <getopt.h>

#include <string>
#include <vector>

#include "fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    const std::string text(data, data + size);
    if (text.find("file") != std::string::npos || text.find("events") != std::string::npos)
        return 0;  // -T would open files
    std::vector<std::string> words = {"qemu-pr-helper"};
    std::string word;
    for (const char c : text) {
        if (c != '\n') {
            word += c == '\0' ? ' ' : c;
            continue;
        }
        words.push_back(word);
        word.clear();
    }
    words.push_back(word);
    std::vector<char*> argv;
    for (std::string& one : words) argv.push_back(one.data());
    argv.push_back(nullptr);

    Log log("fuzz");
    Trace trace;
    Options options;
    ::optind = 0;  // getopt_long(3): begin anew
    const Program program{"fuzzed", true, {}};
    const auto code =
        parse_options(static_cast<int>(words.size()), argv.data(), program, options, log, trace);
    REQUIRE(!code || *code == 0 || *code == 1);
    if (code) return 0;
    REQUIRE(options.limits.max_connections > 0 && options.limits.max_connections <= 500'000);
    REQUIRE(options.device_timeout.count() > 0 && options.limits.request_timeout.count() > 0);
    REQUIRE(!options.socket_path || options.socket_path->starts_with('/'));
    return 0;
}
