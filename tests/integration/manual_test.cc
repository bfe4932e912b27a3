// SPDX-License-Identifier: MIT
// The manual and --help of the two servers name the same options, with the same defaults; and every page is
// well-formed. Those of prhelperctl: ctl_manual_test.cc.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "support/daemon.h"
#include "support/environment.h"

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

/// The options that a help defines, long and short: at the beginnings of lines.
Options defined_by_help(const std::string& text) {
    static const std::regex line(R"(\n  (?:(-[A-Za-z]), |    )(--[a-z][a-z-]*))");
    Options found;
    for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at) {
        found.insert((*at)[2]);
        if ((*at)[1].matched) found.insert((*at)[1]);
    }
    return found;
}

/// Those that a page has an entry for: in the line after ".TP".
Options defined_by_page(const std::string& text) {
    Options found;
    static const std::regex entry(R"(\n\.TP\n\.BR? ([^\n]*))");
    static const std::regex option(R"((?:^|[^A-Za-z0-9-])(--[a-z][a-z-]*|-[A-Za-z](?![A-Za-z0-9-])))");
    for (std::sregex_iterator at(text.begin(), text.end(), entry), end; at != end; ++at)
        found.merge(matches((*at)[1], option));
    return found;
}

TEST(Manual, OfTheDaemonHasTheOptionsOfItsHelp) {
    const Options of_help = defined_by_help(help_of("qemu-pr-helper"));
    EXPECT_GT(of_help.size(), 20U);
    EXPECT_EQ(defined_by_page(page("qemu-pr-helper.8")), of_help);
}

TEST(Manual, OfTheEmulatorHasWhatSetsItApartFromTheDaemon) {
    const Options of_daemon = defined_by_help(help_of("qemu-pr-helper"));
    const Options of_emulator = defined_by_help(help_of("prhelper-emulator"));
    const std::string text = page("prhelper-emulator.1");
    const std::size_t options = text.find(".SH OPTIONS"), first = text.find("\n.TP", options);
    ASSERT_NE(first, text.npos);
    Options expected = of_daemon;
    for (const std::string& option :
         matches(text.substr(options, first - options), std::regex("(--[a-z][a-z-]*)")))
        EXPECT_EQ(expected.erase(option), 1U) << "what it is without, the daemon has: " << option;
    expected.merge(defined_by_page(text));
    EXPECT_EQ(of_emulator, expected);
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

class ManualPage : public ::testing::TestWithParam<const char*> {
  protected:
    /// What a checker that prints nothing about a page without mistakes says of this one.
    static void is_good_for(std::vector<std::string> checker) {
        const std::string name = checker[0];
        checker.push_back(std::string(PRH_SOURCE_DIR) + "/man/" + GetParam());
        Process process(checker);
        const auto exit_code = process.wait();
        if (exit_code == 127) PRH_CANNOT_RUN(name + " is not installed");
        EXPECT_EQ(exit_code, 0);
        EXPECT_EQ(process.out() + process.err(), "");
    }
};

TEST_P(ManualPage, IsGoodForGroff) { is_good_for({"groff", "-man", "-Tutf8", "-ww", "-z"}); }
TEST_P(ManualPage, IsGoodForMandoc) { is_good_for({"mandoc", "-T", "lint", "-W", "warning"}); }

INSTANTIATE_TEST_SUITE_P(All, ManualPage,
                         ::testing::Values("qemu-pr-helper.8", "prhelperctl.1", "prhelper-emulator.1",
                                           "prhelper-protocol.7", "prhelper-security.7"),
                         [](const auto& page) {
                             return std::regex_replace(std::string(page.param), std::regex("[^A-Za-z0-9]"),
                                                       "_");
                         });

}  // namespace
}  // namespace prh::test
