// SPDX-License-Identifier: MIT
// The manual, the completion and --help say the same: a user believes whichever is at hand.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "integration/ctl_fake_helper.h"
#include "support/process.h"

namespace prh::test {
namespace {

using Options = std::set<std::string>;

std::string help(const std::vector<std::string>& words) {
    std::vector<std::string> all = words;
    all.push_back("--help");
    const CtlRun run = run_ctl(all);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    return run.out;
}

std::string man_page() {
    std::string text = read_file(PRH_SOURCE_DIR "/man/prhelperctl.1");
    text = std::regex_replace(text, std::regex(R"(\\f[BIRP])"), "");
    return std::regex_replace(text, std::regex(R"(\\-)"), "-");
}

/// Every option that `text` names, long and short, whatever follows it.
Options options_in(const std::string& text) {
    static const std::regex option(R"((^|[^A-Za-z0-9-])(--[a-z][a-z-]*|-[A-Za-z])(?![A-Za-z0-9-]))");
    Options found;
    for (std::sregex_iterator at(text.begin(), text.end(), option), end; at != end; ++at) {
        const std::string name = (*at)[2];
        found.insert(name);
    }
    return found;
}

/// The options that `text`, a --help, defines: the lines that begin with one.
Options options_of_help(const std::string& text) {
    Options found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t start = line.find_first_not_of(' ');
        if (start == std::string::npos || start == 0 || line[start] != '-') continue;
        const std::size_t end = line.find("   ", start);
        found.merge(options_in(line.substr(start, end - start)));
    }
    return found;
}

std::vector<std::string> verbs() {
    std::vector<std::string> names;
    const std::string text = help({});
    static const std::regex verb(R"(\n  ([a-z][a-z-]+)  +[a-z])");
    for (std::sregex_iterator at(text.begin(), text.end(), verb), end; at != end; ++at)
        names.push_back((*at)[1]);
    return names;
}

Options long_ones(const Options& options) {
    Options found;
    for (const std::string& option : options)
        if (option.starts_with("--")) found.insert(option);
    return found;
}

TEST(CtlManual, HelpNamesEveryCommand) {
    EXPECT_EQ(verbs(), (std::vector<std::string>{"read-keys",
                                                 "read-reservation",
                                                 "report-capabilities",
                                                 "read-full-status",
                                                 "register",
                                                 "register-ignore",
                                                 "register-move",
                                                 "reserve",
                                                 "release",
                                                 "clear",
                                                 "preempt",
                                                 "preempt-abort",
                                                 "ping",
                                                 "status",
                                                 "watch",
                                                 "events",
                                                 "metrics",
                                                 "serve",
                                                 "show",
                                                 "doctor",
                                                 "validate",
                                                 "report"}));
}

TEST(CtlManual, OptionsAreThoseOfHelp) {
    Options of_help = options_of_help(help({}));
    for (const std::string& verb : verbs()) of_help.merge(options_of_help(help({verb})));
    Options of_manual = options_in(man_page());
    of_manual.erase("-r");  // of jq, in an example
    EXPECT_EQ(of_manual, of_help);
}

/// The part of the page under a heading (.SH or .SS), up to the next one.
std::string section(const std::string& heading) {
    const std::string page = man_page();
    const std::size_t begin = page.find(heading + "\n");
    if (begin == std::string::npos) return {};
    return page.substr(begin, page.find("\n.S", begin) - begin);
}

/// What a section has entries for, for `verb`: those that begin with other verbs' names are theirs alone.
Options entries_in(const std::string& section, const std::string& verb) {
    static const std::regex entry(R"(\n\.TP\n([^\n]*)\n([^\n]*))"), owners(R"(\.BR ([a-z-].*) :)");
    Options found;
    for (std::sregex_iterator at(section.begin(), section.end(), entry), end; at != end; ++at) {
        const std::string names = (*at)[1], first_line = (*at)[2];
        std::smatch owner;
        if (std::regex_match(first_line, owner, owners) &&
            !std::regex_search(owner[1].str(), std::regex("\\b" + verb + "\\b")))
            continue;
        found.merge(options_in(std::regex_replace(names, std::regex("=.*"), "=")));
    }
    return found;
}

/// Of a verb of PERSISTENT RESERVE OUT: letters in a list, explained below it.
Options of_reserve_out(const std::string& verb) {
    const std::string text = section(".SS \"Options of PERSISTENT RESERVE OUT\"");
    static const std::regex line(R"(\n    ([a-z, -]*?)  +(-[A-Z].*))"), entry(R"(\n\.TP\n([^\n]*))");
    Options letters, found;
    for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at)
        if ((", " + (*at)[1].str() + ",").find(", " + verb + ",") != std::string::npos)
            letters = options_in((*at)[2]);
    for (std::sregex_iterator at(text.begin(), text.end(), entry), end; at != end; ++at) {
        const Options names = options_in(std::regex_replace((*at)[1].str(), std::regex("=.*"), "="));
        for (const std::string& name : names)
            if (letters.count(name) > 0) found.insert(names.begin(), names.end());
    }
    return found;
}

/// What the page says that a verb takes.
Options options_of_manual(const std::string& verb) {
    Options all = entries_in(section(".SS \"Options of every command\""), verb);
    const std::string entry = "\n.TP\n.B " + verb + "\n";
    const bool reads = (section(".SS \"PERSISTENT RESERVE IN\"") + "\n").find(entry) != std::string::npos;
    const bool writes = (section(".SS \"PERSISTENT RESERVE OUT\"") + "\n").find(entry) != std::string::npos;
    if (reads || writes)
        all.merge(entries_in(section(".SS \"Options of the verbs that need a DEVICE\""), verb));
    if (reads) all.merge(entries_in(section(".SS \"Options of PERSISTENT RESERVE IN\""), verb));
    if (writes) all.merge(of_reserve_out(verb));
    // "Options of watch", "Options of status, watch and serve"
    const std::string page = man_page();
    static const std::regex heading(R"re(\n(\.SS "?Options of ([a-z, ]*)"?)\n)re");
    for (std::sregex_iterator at(page.begin(), page.end(), heading), end; at != end; ++at)
        if (std::regex_search((*at)[2].str(), std::regex("(^|[ ,])" + verb + "($|[ ,])")))
            all.merge(entries_in(section((*at)[1]), verb));
    return all;
}

TEST(CtlManual, EachVerbTakesWhatThePageSays) {
    for (const std::string& verb : verbs())
        EXPECT_EQ(options_of_manual(verb), options_of_help(help({verb}))) << verb;
}

TEST(CtlManual, VerbsAreThoseOfHelp) {
    const std::string page = man_page();
    for (const std::string& verb : verbs())
        EXPECT_NE(page.find("\n.TP\n.B " + verb + "\n"), std::string::npos) << verb;
}

TEST(CtlManual, DefaultsAreThoseOfHelp) {
    EXPECT_NE(help({}).find("/var/run/qemu-pr-helper.sock"), std::string::npos);
    EXPECT_NE(man_page().find("The default is\n.IR /var/run/qemu-pr-helper.sock"), std::string::npos);
    EXPECT_NE(help({}).find("(default: 60)"), std::string::npos);
    EXPECT_NE(man_page().find("The default is 60."), std::string::npos);
}

/// What bash offers for `words`, the last of which is being typed.
std::vector<std::string> completions(const std::vector<std::string>& words) {
    std::vector<std::string> arguments{"bash", "-c",
                                       ". " PRH_SOURCE_DIR
                                       "/packaging/completion/prhelperctl.bash; "
                                       "COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _prhelperctl; "
                                       "printf '%s\\n' \"${COMPREPLY[@]}\"",
                                       "bash", "prhelperctl"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    Process bash(arguments);
    EXPECT_EQ(bash.wait(), 0);
    EXPECT_EQ(bash.err(), "");
    std::vector<std::string> offered;
    std::istringstream lines(bash.out());
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) offered.push_back(line);
    return offered;
}

TEST(CtlCompletion, OffersTheVerbs) {
    EXPECT_EQ(completions({""}), verbs());
    EXPECT_EQ(completions({"--json", "read-k"}), std::vector<std::string>{"read-keys"});
}

TEST(CtlCompletion, OffersTheLongOptionsOfTheVerb) {
    for (std::string verb : verbs()) {
        Options offered;
        for (std::string option : completions({verb, "--"})) {
            if (option.ends_with('=')) option.pop_back();
            offered.insert(option);
        }
        EXPECT_EQ(offered, long_ones(options_of_help(help({verb})))) << verb;
    }
}

TEST(CtlCompletion, OffersAnEqualsSignWhereAValueFollows) {
    for (const std::string& verb : verbs()) {
        const std::string text = help({verb});
        for (const std::string& option : completions({verb, "--"}))
            EXPECT_EQ(option.ends_with('='),
                      text.find(option.substr(0, option.find('=')) + "=") != std::string::npos)
                << verb << " " << option;
    }
}

TEST(CtlCompletion, OffersTypes) {
    const std::vector<std::string> types{"1", "3", "5", "6", "7", "8"};
    EXPECT_EQ(completions({"reserve", "--prout-type", "="}), types);
    EXPECT_EQ(completions({"reserve", "-T", ""}), types);
    EXPECT_EQ(completions({"reserve", "--prout-type", "=", "5"}), std::vector<std::string>{"5"});
}

TEST(CtlCompletion, OffersNothingThatIsNoDevice) {
    TemporaryDirectory directory;
    write_file(directory / "plain", "");
    EXPECT_TRUE(completions({"read-keys", directory / "pl"}).empty());
    EXPECT_EQ(completions({"read-keys", directory.path()}), std::vector<std::string>{directory.path() + "/"});
}

}  // namespace
}  // namespace prh::test
