// SPDX-License-Identifier: MIT
// Options: what is accepted, what is refused, and in which words.
#include "compat/program_run.h"

namespace prh::test {
namespace {

struct Case {
    const char* situation;
    std::vector<std::string> arguments;
};

class CommandLine : public ProgramTest {
  protected:
    void compare_cases(const std::vector<Case>& cases) {
        for (const Case& one : cases) compare_runs(one.situation, {.arguments = one.arguments});
    }
};

TEST_F(CommandLine, HelpAndVersion) {
    compare_cases({
        {"--help", {"--help"}},
        {"-h", {"-h"}},
        {"--version", {"--version"}},
        {"-V", {"-V"}},
        {"help with values given before", {"-k", "/x", "-f", "zz", "--help"}},
        {"the first of help and version", {"-V", "-h"}},
    });
}

TEST_F(CommandLine, Refusals) {
    compare_cases({
        {"unknown long option", {"--bogus"}},
        {"unknown short option", {"-Z"}},
        {"argument missing, short", {"-k"}},
        {"argument missing, long", {"--socket"}},
        {"argument to a flag", {"--daemon=yes"}},
        {"ambiguous abbreviation", {"--ver"}},
        {"relative socket path", {"-k", "helper.sock"}},
        {"empty socket path", {"-k", ""}},
        {"the first error decides", {"-k", "relative", "--bogus"}},
        {"an error before help", {"--bogus", "--help"}},
    });
}

TEST_F(CommandLine, Abbreviations) {
    compare_cases({
        {"--sock=", {"--sock=DIR/helper.sock"}},
        {"--so with operand", {"--so", "DIR/helper.sock"}},
        {"--vers", {"--vers"}},
        {"--he", {"--he"}},
        {"--pid=", {"--pid=DIR/pid", "-k", "DIR/helper.sock"}},
        {"--verb and --qui", {"--verb", "--qui", "-kDIR/helper.sock"}},
    });
}

TEST_F(CommandLine, OperandsAreIgnored) {
    compare_cases({
        {"operand", {"operand", "-k", "DIR/helper.sock"}},
        {"operands behind --", {"-k", "DIR/helper.sock", "--", "--bogus", "operand"}},
    });
}

TEST_F(CommandLine, TheLastSocketPathDecides) {
    compare_cases({{"two socket paths", {"-k", "DIR/other.sock", "-k", "DIR/helper.sock"}}});
}

TEST_F(CommandLine, Verbosity) {
    compare_cases({
        {"-v", {"-v", "-k", "DIR/helper.sock"}},
        {"-vvv", {"-vvv", "-k", "DIR/helper.sock"}},
        {"-q", {"-q", "-k", "DIR/helper.sock"}},
        {"-q and -v", {"-q", "-vv", "-k", "DIR/helper.sock"}},
    });
}

TEST_F(CommandLine, UsersAndGroups) {
    std::vector<Case> cases;
    for (const char* const name : {"no-such-user", "0x10", "12 ", "-1", "", "4294967296", "1.5"}) {
        cases.push_back({"invalid user", {"-k", "DIR/helper.sock", "-u", name}});
        cases.push_back({"invalid group", {"-k", "DIR/helper.sock", "-g", name}});
    }
    for (const char* const name : {"root", "0", "nobody", "65534", "12345"})
        cases.push_back({"valid user", {"-k", "DIR/helper.sock", "-u", name}});
    for (const char* const name : {"root", "0", "nogroup", "12345"})
        cases.push_back({"valid group", {"-k", "DIR/helper.sock", "-g", name}});
    compare_cases(cases);
}

TEST_F(CommandLine, Tracing) {
    const auto with = [](const char* specification) {
        return std::vector<std::string>{"-T", specification, "-k", "DIR/helper.sock"};
    };
    compare_cases({
        {"trace: unknown key", with("bogus=1")},
        {"trace: unknown event", with("no_such_event")},
        {"trace: glob without a match", with("no_such_*")},
        {"trace: empty", with("")},
        {"trace: everything off", with("-*")},
        {"trace: enable=", with("enable=no_such_event")},
        {"trace: enable= of nothing", with("enable=")},
        {"trace: pattern and enable=", with("no_such_event,enable=no_other")},
        {"trace: enable= several times", with("enable=no_first,enable=no_second,enable=no_third")},
        {"trace: help, and then an event", with("help,enable=no_such_event")},
        {"trace: list of events after another", with("no_such_event,enable=help")},
        {"trace: a comma alone", with(",")},
        {"trace: several", {"-T", "no_first", "-T", "enable=no_second", "-k", "DIR/helper.sock"}},
        {"trace: two events files, one missing", with("events=DIR/missing,events=/dev/null")},
        {"trace: events file missing", with("events=DIR/missing")},
        {"trace: file in a missing directory", with("file=DIR/missing/trace")},
        {"trace: bad template", with("file=DIR/trace%x")},
        {"trace: file", with("no_such_*,file=DIR/trace")},
        {"trace: file with the pid", with("file=DIR/trace-%d.log")},
        {"trace: comma in the file", with("file=DIR/tra,,ce")},
        {"trace: list of events", with("help")},
        {"trace: list of events, ?", with("?")},
        {"trace: twice", {"-T", "no_such_*", "-T", "file=DIR/trace", "-k", "DIR/helper.sock"}},
    });
}

TEST_F(CommandLine, TraceEventsFile) {
    const auto prepare = [](const std::string& directory) {
        write_file(directory + "/events", "# comment\n\nno_such_event\nno_such_*\n");
    };
    compare_runs("trace: events file",
                 {.arguments = {"-T", "events=DIR/events", "-k", "DIR/helper.sock"}, .prepare = prepare});
}

}  // namespace
}  // namespace prh::test
