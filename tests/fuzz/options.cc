// SPDX-License-Identifier: MIT
// A command line of anything, with every option that the daemon has: it is understood, or refused with exit
// code 1, and never more than that. It is read by a thread that can open no file but those in /etc, for
// reading: -T writes and truncates none. Such a thread cannot write down an input that fails either;
// libFuzzer prints those of this length.
#include "server/options.h"

#include <getopt.h>

#include <string>
#include <thread>
#include <vector>

#include "daemon/device_options.h"
#include "daemon/multipath_options.h"
#include "fuzz/fuzz_input.h"
#include "os/file_confinement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    constexpr std::size_t kPrinted = 256;
    if (size > kPrinted) return 0;
    REQUIRE(file_confinement_version() > 0);  // Linux 5.13
    const std::string text(data, data + size);
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
    MultipathOptions multipath;
    AllowedDevices allowed;
    std::vector<LongOption> own = device_options(allowed);
    for (LongOption& option : multipath_options(multipath)) own.push_back(std::move(option));
    const Program program{"fuzzed", true, std::move(own)};
    std::optional<int> code;
    std::thread([&] {
        REQUIRE(confine_files({{"/etc"}}));
        code = parse_options(static_cast<int>(words.size()), argv.data(), program, options, log, trace);
    }).join();
    REQUIRE(!code || *code == 0 || *code == 1);
    if (code) return 0;
    REQUIRE(options.limits.max_connections > 0 && options.limits.max_connections <= 500'000);
    REQUIRE(options.device_timeout.count() > 0 && options.limits.request_timeout.count() > 0);
    REQUIRE(!options.socket_path || options.socket_path->starts_with('/'));
    REQUIRE(options.audit.path.empty() || options.audit.path.starts_with('/'));
    REQUIRE(options.control.path.empty() || options.control.path.starts_with('/'));
    const MultipathSettings& settings = multipath.settings;
    REQUIRE(settings.paths.timeout.count() > 0 && settings.state_directory.starts_with('/'));
    REQUIRE(settings.multipathd.address.size() < 108);  // sockaddr_un
    return 0;
}
