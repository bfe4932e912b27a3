// SPDX-License-Identifier: MIT
// The manual and --help of the two servers name the same options, with the same defaults.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "support/daemon.h"

namespace prh::test {
namespace {

using Options = std::set<std::string>;

std::string help_of(const std::string& program) {
    Process process({built(program), "--help"});
    EXPECT_EQ(process.wait(), 0);
    return process.out();
}

/// Without the escapes of roff that stand in names of options.
std::string page(const std::string& name) {
    std::string text = read_file(std::string(PRH_SOURCE_DIR) + "/man/" + name);
    text = std::regex_replace(text, std::regex(R"(\\f[BIRP])"), "");
    return std::regex_replace(text, std::regex(R"(\\-)"), "-");
}

Options matches(const std::string& text, const std::regex& option) {
    Options found;
    for (std::sregex_iterator at(text.begin(), text.end(), option), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

/// The long options that a help defines, at the beginnings of lines.
Options defined_by_help(const std::string& text) {
    return matches(text, std::regex(R"(\n(?:  -[A-Za-z], |      )(--[a-z][a-z-]*))"));
}

/// Those that a page has an entry for: in the line after ".TP".
Options defined_by_page(const std::string& text) {
    Options found;
    static const std::regex entry(R"(\n\.TP\n\.BR? ([^\n]*))");
    for (std::sregex_iterator at(text.begin(), text.end(), entry), end; at != end; ++at)
        found.merge(matches((*at)[1], std::regex(R"((--[a-z][a-z-]*))")));
    return found;
}

TEST(Manual, OfTheDaemonHasTheOptionsOfItsHelp) {
    const Options of_help = defined_by_help(help_of("qemu-pr-helper"));
    EXPECT_GT(of_help.size(), 20U);
    EXPECT_EQ(defined_by_page(page("qemu-pr-helper.8")), of_help);
}

TEST(Manual, OfTheEmulatorHasWhatItHasBeyondTheDaemon) {
    Options of_help = defined_by_help(help_of("prhelper-emulator"));
    const Options of_page = defined_by_page(page("prhelper-emulator.1"));
    EXPECT_EQ(of_page, Options{"--state-dir"});
    for (const std::string& option : of_page) of_help.erase(option);
    const Options of_daemon = defined_by_help(help_of("qemu-pr-helper"));
    for (const std::string& option : of_help) EXPECT_EQ(of_daemon.count(option), 1U) << option;
}

TEST(Manual, HasTheDefaultsOfHelp) {
    const std::string help = help_of("qemu-pr-helper"), text = page("qemu-pr-helper.8");
    static const std::regex with_default(R"(\(default ([0-9a-z]+)\))"), name(R"(--([a-z-]+)=)");
    int compared = 0;
    // An option ends where the next one begins.
    for (std::size_t begin = help.find("\n      --"), end; begin != help.npos; begin = end) {
        end = help.find("\n      --", begin + 1);
        const std::string option = help.substr(begin, end - begin);
        std::smatch value, named;
        if (!std::regex_search(option, value, with_default)) continue;
        ASSERT_TRUE(std::regex_search(option, named, name)) << option;
        const std::size_t entry = text.find("--" + named[1].str() + " =");
        ASSERT_NE(entry, text.npos) << option;
        const std::string described = text.substr(entry, text.find("\n.TP", entry) - entry);
        EXPECT_TRUE(std::regex_search(described, std::regex("Default: " + value[1].str() + "[.,]")))
            << option << described;
        ++compared;
    }
    EXPECT_GE(compared, 10) << "the help has another form than this test reads";
}

TEST(Manual, PagesNameNoOptionThatThereIsNot) {
    const Options of_help = defined_by_help(help_of("qemu-pr-helper"));
    for (const char* name : {"prhelper-protocol.7", "prhelper-security.7"})
        for (const std::string& option : matches(page(name), std::regex(R"((--[a-z][a-z-]*))")))
            EXPECT_EQ(of_help.count(option), 1U) << name << ": " << option;
}

}  // namespace
}  // namespace prh::test
