// SPDX-License-Identifier: MIT
// The command line: what ends the program at once, and what it says.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "support/daemon.h"

namespace prh::test {
namespace {

struct Outcome {
    int exit_code = -1;
    std::string out;
    std::string err;
};

const std::string kProgram = built("qemu-pr-helper");
const std::string kTry = "qemu-pr-helper: Try `" + kProgram + " --help' for more information.\n";

Outcome run(std::vector<std::string> arguments, const ProcessOptions& options = {}) {
    arguments.insert(arguments.begin(), kProgram);
    Process process(arguments, options);
    Outcome outcome;
    outcome.exit_code = process.wait().value_or(-1);
    outcome.out = process.out();
    outcome.err = process.err();
    return outcome;
}

TEST(Options, HelpListsEveryOption) {
    const Outcome help = run({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.err, "");
    for (const char* option : {"-h, --help",
                               "-V, --version",
                               "-k, --socket=PATH",
                               "-f, --pidfile=PATH",
                               "-d, --daemon",
                               "-T, --trace",
                               "-u, --user=",
                               "-g, --group=",
                               "-v, --verbose",
                               "-q, --quiet",
                               "--socket-mode=",
                               "--socket-group=",
                               "--allow-uid=USER",
                               "--allow-gid=GROUP",
                               "--allow-device=wwid:NAME|PATH",
                               "--max-connections=",
                               "--max-connections-per-user=",
                               "--max-requests-per-process=",
                               "--log-rate=",
                               "--shared-nexus=warn|deny|allow",
                               "--audit=FILE",
                               "--audit-reads=on|off",
                               "--audit-sync=on|off",
                               "--seccomp=",
                               "--request-timeout=",
                               "--drain-timeout=",
                               "--timeout=",
                               "--multipath=native|off",
                               "--mpath-exclusive-types=allow|reject",
                               "--multipathd-socket=PATH|@NAME",
                               "--path-timeout=SECONDS",
                               "--path-broker=auto|off",
                               "--state-dir=DIR"})
        EXPECT_NE(help.out.find(option), std::string::npos) << option;
    EXPECT_EQ(help.out.rfind("Usage: " + kProgram + " [OPTIONS]\n", 0), 0U) << help.out;
    EXPECT_EQ(run({"-h"}).out, help.out);
}

TEST(Options, HelpShowsTheDefaults) {
    const Outcome help = run({"--help"});
    EXPECT_NE(help.out.find("'/var/run/qemu-pr-helper.sock'"), std::string::npos);
    EXPECT_NE(help.out.find("'/var/run/qemu-pr-helper.pid'"), std::string::npos);
}

TEST(Options, HelpAfterOtherOptionsShowsTheirValues) {
    const Outcome help = run({"-k", "/a/socket", "-f", "a-pid-file", "--max-connections=7", "--help"});
    EXPECT_EQ(help.exit_code, 0);
    for (const char* value : {"'/a/socket'", "'a-pid-file'", "(default 7)"})
        EXPECT_NE(help.out.find(value), std::string::npos) << value;
}

TEST(Options, VersionBeginsWithTheProgramAndItsVersion) {
    for (const char* option : {"-V", "--version", "--vers"}) {
        const Outcome version = run({option});
        EXPECT_EQ(version.exit_code, 0);
        EXPECT_EQ(version.err, "");
        const std::string first = version.out.substr(0, version.out.find('\n'));
        ASSERT_EQ(first.rfind(kProgram + " ", 0), 0U) << version.out;
        EXPECT_NE(first.substr(kProgram.size() + 1).find_first_of("0123456789"), std::string::npos);
        EXPECT_NE(version.out.find("NO WARRANTY"), std::string::npos);
    }
}

TEST(Options, TheFirstThatEndsTheProgramDecides) {
    EXPECT_EQ(run({"--help", "--bogus"}).exit_code, 0);
    EXPECT_EQ(run({"--bogus", "--help"}).exit_code, 1);
    EXPECT_EQ(run({"--version", "-k", "relative"}).exit_code, 0);
    EXPECT_EQ(run({"-k", "relative", "--version"}).err, "qemu-pr-helper: socket path must be absolute\n");
    EXPECT_EQ(run({"operand", "--help"}).exit_code, 0) << "options and operands may be mixed";
}

TEST(Options, WrongOnesAreAnsweredWithTheWayToTheHelp) {
    const auto by_getopt = [](const std::string& text) { return kProgram + ": " + text + "\n" + kTry; };
    EXPECT_EQ(run({"--bogus"}).err, by_getopt("unrecognized option '--bogus'"));
    EXPECT_EQ(run({"-Z"}).err, by_getopt("invalid option -- 'Z'"));
    EXPECT_EQ(run({"-k"}).err, by_getopt("option requires an argument -- 'k'"));
    EXPECT_EQ(run({"--daemon=yes"}).err, by_getopt("option '--daemon' doesn't allow an argument"));
    EXPECT_EQ(run({"--socket-"}).exit_code, 1) << "--socket-mode or --socket-group";
    for (const char* option : {"--bogus", "-Z", "-k", "--daemon=yes", "--socket-"}) {
        const Outcome outcome = run({option});
        EXPECT_EQ(outcome.exit_code, 1) << option;
        EXPECT_EQ(outcome.out, "") << option;
    }
}

TEST(Options, WrongValuesAreNamed) {
    const auto expect = [](const std::vector<std::string>& arguments, const std::string& message) {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.exit_code, 1) << arguments[0];
        EXPECT_EQ(outcome.err, "qemu-pr-helper: " + message + "\n");
    };
    expect({"-k", "relative"}, "socket path must be absolute");
    expect({"-k", ""}, "socket path must be absolute");
    expect({"--socket="}, "socket path must be absolute");
    for (const std::string wrong :
         {"no-such-account", "0x10", "12 ", " 12", "-1", "", "4294967296", "4294967295"}) {
        expect({"-u", wrong}, "invalid user '" + wrong + "'");
        expect({"-g", wrong}, "invalid group '" + wrong + "'");
        expect({"--socket-group=" + wrong}, "invalid group '" + wrong + "'");
    }
    for (const std::string wrong : {"0800", "01000", "rw", "", "-1"})
        expect({"--socket-mode", wrong},
               "invalid --socket-mode '" + wrong + "': give permission bits in octal, such as 0660");
    for (const std::string wrong : {"0", "500001", "many", "", "-1"})
        expect({"--max-connections", wrong},
               "invalid --max-connections '" + wrong + "': give a number from 1 to 500000");
    for (const std::string option : {"--request-timeout", "--drain-timeout", "--timeout"})
        for (const std::string wrong : {"0", "86401", "1.5", "10s", ""})
            expect({option, wrong},
                   "invalid " + option + " '" + wrong + "': give whole seconds, from 1 to 86400");
}

TEST(Options, WrongValuesForMultipathAreNamed) {
    const auto expect = [](const std::string& option, const std::string& wrong, const std::string& advice) {
        const Outcome outcome = run({option + "=" + wrong});
        EXPECT_EQ(outcome.exit_code, 1) << option;
        EXPECT_EQ(outcome.err, "qemu-pr-helper: invalid " + option + " '" + wrong + "': " + advice + "\n");
    };
    for (const std::string wrong : {"", "on", "nativ", "NATIVE", "libmpathpersist"})
        expect("--multipath", wrong, "give native or off");
    for (const std::string wrong : {"", "on", "auto,off"}) expect("--path-broker", wrong, "give auto or off");
    for (const std::string wrong : {"", "yes", "allow,reject"})
        expect("--mpath-exclusive-types", wrong, "give allow or reject");
    for (const std::string wrong : {"", "/", "@", "relative"})
        expect("--multipathd-socket", wrong,
               "give an absolute path, or @ and the name of an abstract socket");
    for (const std::string wrong : {"0", "3601", "1.5", "10s", ""})
        expect("--path-timeout", wrong, "give whole seconds, from 1 to 3600");
    for (const std::string wrong : {"", "relative"}) expect("--state-dir", wrong, "give an absolute path");
}

TEST(Options, WrongOnesForWhoIsServedAreNamed) {
    const auto expect = [](const std::string& option, const std::string& wrong, const std::string& advice) {
        const Outcome outcome = run({option + "=" + wrong});
        EXPECT_EQ(outcome.exit_code, 1) << option;
        EXPECT_EQ(outcome.err, "qemu-pr-helper: invalid " + option + " '" + wrong + "': " + advice + "\n");
    };
    for (const std::string wrong : {"", "no-such-account", "-1"}) {
        expect("--allow-uid", wrong, "there is no such user");
        expect("--allow-gid", wrong, "there is no such group");
    }
    for (const std::string wrong : {"", "no", "warn,deny"})
        expect("--shared-nexus", wrong, "give warn, deny or allow");
    for (const std::string wrong : {"", "on", "kill"}) expect("--seccomp", wrong, "give enforce, log or off");
    for (const std::string option : {"--max-connections-per-user", "--max-requests-per-process"})
        expect(option, "0", "give a number from 1 to 500000");
    for (const std::string wrong : {"", "relative"}) expect("--audit", wrong, "give an absolute path");
    for (const std::string option : {"--audit-reads", "--audit-sync"})
        expect(option, "yes", "give on or off");
    expect("--log-rate", "100001", "give a number from 1 to 100000");
    for (const std::string wrong : {"wwid:", "wwid:sdb", "wwid:3600140"})
        expect("--allow-device", wrong, "give a WWID as multipath -ll or /sys/block/*/device/wwid shows it");
    for (const std::string wrong : {"", "sdb", "36001405aaaaaaaaaaaaaaaaaaaaaaaaa"})
        expect("--allow-device", wrong, "give wwid:NAME or a path below /dev");
    expect("--allow-device", "/dev/disk/by-id/none",
           "No such file or directory (wwid:NAME is for a disk that comes later)");
    expect("--allow-device", "/dev/null", "it is no disk with a WWID");
}

TEST(Options, ForMultipathAreTaken) {
    Daemon daemon({"--multipath=off", "--mpath-exclusive-types=reject", "--multipathd-socket=@prh-test",
                   "--path-timeout=7", "--state-dir=/nowhere/at/all"});
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(run({"--multi=off", "--help"}).exit_code, 1) << "--multipath or --multipathd-socket";
    EXPECT_EQ(run({"--mpath=allow", "--help"}).exit_code, 0);
}

TEST(Options, AbbreviationsAndMixedOrderAreTaken) {
    TemporaryDirectory directory;
    const std::string socket = directory / "socket";
    const std::string pid_file = directory / "pid";
    Process process({kProgram, "--pidf=" + pid_file, "operand", "--sock", socket, "--max-connections=5",
                     "--req=3", "--dra", "4", "--time=5", "--verb", "-vv"});
    ASSERT_TRUE(eventually([&] { return exists(socket) || !process.running(); }));
    EXPECT_EQ(ask(socket), kNoDevice);
    EXPECT_EQ(read_file(pid_file), std::to_string(process.pid()) + "\n");
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

TEST(Options, AbbreviationsOfTheExistingProgramKeepTheirMeaning) {
    // ours must not make ambiguous what was not: --socket-mode, --drain-timeout, --timeout
    for (const std::string socket : {"--s", "--so", "--soc", "--sock", "--socke"})
        EXPECT_EQ(run({socket, "relative"}).err, "qemu-pr-helper: socket path must be absolute\n") << socket;
    EXPECT_NE(run({"--t", "help"}).out.find("connection_accepted\n"), std::string::npos);
    const Outcome pid_file = run({"--d", "--p=/missing/pid"});
    EXPECT_EQ(pid_file.err, "qemu-pr-helper: Could not create '/missing/pid': No such file or directory\n");
    for (const char* other : {"--h", "--he", "--vers"}) EXPECT_EQ(run({other}).exit_code, 0) << other;
    for (const char* other : {"--u=", "--g=", "--us=", "--gro="})
        EXPECT_EQ(run({other}).exit_code, 1) << other;
}

TEST(Options, OperandsAreWarnedOfAndIgnored) {
    Daemon daemon({"/an/operand", "another"});
    EXPECT_EQ(daemon.process().err(),
              "qemu-pr-helper: warning: '/an/operand' is ignored; the socket is named with -k\n"
              "qemu-pr-helper: warning: 'another' is ignored; the socket is named with -k\n");
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Options, TheLastOfSeveralIsTaken) {
    TemporaryDirectory directory;
    Process process({kProgram, "-k", directory / "first", "-k", directory / "last"});
    EXPECT_TRUE(eventually([&] { return exists(directory / "last") || !process.running(); }));
    EXPECT_FALSE(exists(directory / "first"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

TEST(Options, AStartThatSucceedsSaysNothing) {
    Daemon daemon;
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(daemon.process().out(), "");
    // one line for the request, which was for no device
    EXPECT_EQ(daemon.process().err().find('\n'), daemon.process().err().size() - 1) << daemon.process().err();
}

TEST(Options, MessagesThatNobodyCanReadChangeNoExitCode) {
    ProcessOptions closed;
    closed.before_exec = [] { ::close(2); };
    EXPECT_EQ(run({"--bogus"}, closed).exit_code, 1);
    EXPECT_EQ(run({"-k", "relative"}, closed).exit_code, 1);
    ProcessOptions broken;
    broken.close_stderr_reader = true;
    EXPECT_EQ(run({"-k", "relative"}, broken).exit_code, 1);
    EXPECT_EQ(run({"-T", "no_such_event", "--help"}, broken).exit_code, 0);
}

}  // namespace
}  // namespace prh::test
