// SPDX-License-Identifier: MIT
// The static probes as they are in the binaries: their names are those of the trace, their arguments those of
// the manual. That they work is for tests/vm/probes.sh.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

#include "support/daemon.h"

namespace prh::test {
namespace {

using Probes = std::map<std::string, std::size_t>;  // the number of arguments, by name

/// As .note.stapsdt has them. A probe that stands in several places has the same arguments everywhere.
Probes probes_of(const std::string& program) {
    Process process({"readelf", "--notes", "--wide", built(program)});
    EXPECT_EQ(process.wait(), 0) << process.err();
    const std::string text = process.out();
    static const std::regex note(R"(Provider: qemu_pr_helper\n\s*Name: (\w+)\n)"
                                 R"(\s*Location: .*, Semaphore: 0x0+\n\s*Arguments: (.*)\n)");
    Probes found;
    for (std::sregex_iterator at(text.begin(), text.end(), note), end; at != end; ++at) {
        const std::string arguments = (*at)[2];
        const auto count = static_cast<std::size_t>(std::ranges::count(arguments, '@'));
        const auto [known, is_new] = found.emplace((*at)[1], count);
        EXPECT_TRUE(is_new || known->second == count) << (*at)[1];
    }
    return found;
}

/// As the section PROBES of the manual has them.
Probes documented() {
    const std::string page = read_file(std::string(PRH_SOURCE_DIR) + "/man/qemu-pr-helper.8");
    const std::size_t begin = page.find("\n.SH PROBES\n");
    EXPECT_NE(begin, page.npos);
    const std::string section = page.substr(begin, page.find("\n.SH ", begin + 1) - begin);
    static const std::regex entry(R"(\n\.TP\n\.B (\w+)\n([^\n]+))");
    Probes found;
    for (std::sregex_iterator at(section.begin(), section.end(), entry), end; at != end; ++at) {
        const std::string arguments = (*at)[2];
        found.emplace((*at)[1], std::ranges::count(arguments, ',') + 1);
    }
    return found;
}

std::vector<std::string> names(const Probes& probes) {
    std::vector<std::string> found;
    for (const auto& [name, arguments] : probes) found.push_back(name);
    return found;
}

std::vector<std::string> traced() {
    Process process({built("qemu-pr-helper"), "-T", "help"});
    EXPECT_EQ(process.wait(), 0);
    std::vector<std::string> found;
    std::istringstream lines(process.out());
    for (std::string line; std::getline(lines, line);) found.push_back(line);
    std::ranges::sort(found);
    return found;
}

TEST(Probes, OfTheDaemonHaveTheNamesOfTheTracedEvents) {
    EXPECT_EQ(names(probes_of("qemu-pr-helper")), traced());
}

TEST(Probes, OfTheDaemonHaveTheArgumentsOfTheManual) { EXPECT_EQ(probes_of("qemu-pr-helper"), documented()); }

TEST(Probes, OfTheEmulatorAreThoseThatNeedNoDevice) {
    Probes expected = documented();
    EXPECT_EQ(expected.erase("device_command") + expected.erase("device_result"), 2U);
    EXPECT_EQ(probes_of("prhelper-emulator"), expected);
}

}  // namespace
}  // namespace prh::test
