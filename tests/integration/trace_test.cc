// SPDX-License-Identifier: MIT
// -T: which events are switched on, where they go, and what they say.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <regex>

#include "support/daemon.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {
namespace {

const std::string kEvents =
    "connection_accepted\nconnection_closed\nrequest_received\ndevice_command\ndevice_result\n"
    "request_answered\nprotocol_violation\ndrain\n";

class Tracing : public ::testing::Test {
  protected:
    /// One request with these options, and everything on stderr until the end.
    std::string trace(const std::vector<std::string>& arguments, bool violate = false) {
        Daemon daemon(arguments);
        RawClient client = daemon.connect();
        EXPECT_EQ(ask(client), kNoDevice);
        if (violate) {
            RawClient other = daemon.connect();
            EXPECT_TRUE(other.send_request({0x12}, null_device()));
            EXPECT_TRUE(other.closed_by_peer());
        }
        client.close();
        EXPECT_EQ(daemon.end(), 0);
        return daemon.process().err();
    }
    static bool has(const std::string& text, const std::string& event) {
        return text.find("Z " + event + " ") != std::string::npos;
    }
    /// The names of the events in `text`, each once.
    static std::vector<std::string> events_in(const std::string& text) {
        std::vector<std::string> found;
        std::istringstream names(kEvents);
        for (std::string name; std::getline(names, name);)
            if (has(text, name)) found.push_back(name);
        return found;
    }
    using Names = std::vector<std::string>;

    std::string refusal(const std::vector<std::string>& arguments) {
        std::vector<std::string> line{built("qemu-pr-helper"), "-k", directory_ / "socket"};
        line.insert(line.end(), arguments.begin(), arguments.end());
        Process process(line);
        EXPECT_EQ(process.wait(), 1);
        EXPECT_FALSE(exists(directory_ / "socket"));
        return process.err();
    }

    TemporaryDirectory directory_;
};

TEST_F(Tracing, HelpListsTheEvents) {
    for (const char* help : {"help", "?", "enable=help", "drain,enable=?"}) {
        Process process({built("qemu-pr-helper"), "-T", help});
        EXPECT_EQ(process.wait(), 0) << help;
        EXPECT_EQ(process.out(), kEvents);
        EXPECT_EQ(process.err(), "");
    }
}

TEST_F(Tracing, IsOffByDefaultAndWithAnEmptySpecification) {
    EXPECT_EQ(events_in(trace({})), Names{});
    EXPECT_EQ(events_in(trace({"-T", ""})), Names{});
}

TEST_F(Tracing, NamesSwitchOnWhatTheyName) {
    EXPECT_EQ(events_in(trace({"-T", "request_answered"})), Names{"request_answered"});
    EXPECT_EQ(events_in(trace({"-T", "enable=drain"})), Names{"drain"});
    EXPECT_EQ(events_in(trace({"--trace", "drain,enable=request_received"})), Names{"request_received"})
        << "the last counts";
}

TEST_F(Tracing, GlobsSwitchOnWhatTheyMatch) {
    EXPECT_EQ(events_in(trace({"-T", "connection_*"})), (Names{"connection_accepted", "connection_closed"}));
    EXPECT_EQ(events_in(trace({"-T", "*re?eived"})), Names{"request_received"});
    EXPECT_EQ(trace({"-T", "no_such_*"}).find("warning"), std::string::npos) << "a glob that matches nothing";
}

TEST_F(Tracing, AMinusSwitchesOff) {
    EXPECT_EQ(events_in(trace({"-T", "*", "-T", "-connection_*"}, true)),
              (Names{"request_received", "request_answered", "protocol_violation", "drain"}));
    EXPECT_EQ(events_in(trace({"-T", "*", "-T", "-request_*", "-T", "-connection_*"})), Names{"drain"});
}

TEST_F(Tracing, RepeatedAddsUp) {
    EXPECT_EQ(events_in(trace({"-T", "drain", "-T", "request_answered"})),
              (Names{"request_answered", "drain"}));
}

TEST_F(Tracing, UnknownNamesAreWarnedOfAndTheRunGoesOn) {
    const std::string err = trace({"-T", "nonsense", "-T", "-more", "-T", "drain"});
    EXPECT_EQ(err.rfind("qemu-pr-helper: warning: trace event 'nonsense' does not exist\n"
                        "qemu-pr-helper: warning: trace event 'more' does not exist\n",
                        0),
              0U)
        << err;
    EXPECT_EQ(events_in(err), Names{"drain"});
}

TEST_F(Tracing, UnknownParametersEndTheProgram) {
    EXPECT_EQ(refusal({"-T", "bogus=1"}), "qemu-pr-helper: Invalid parameter 'bogus'\n");
    EXPECT_EQ(refusal({"-T", "drain,bogus"}), "qemu-pr-helper: Invalid parameter 'bogus'\n");
    EXPECT_EQ(refusal({"-T", "drain,=x"}), "qemu-pr-helper: Invalid parameter ''\n");
}

TEST_F(Tracing, EventsComeFromAFile) {
    const std::string file = directory_ / "events";
    write_file(file,
               "# a comment\n"
               "\n"
               "request_*\n"
               "-request_received\n"
               "nonsense\n"
               "drain");  // without a newline, and all of it counts
    const std::string err = trace({"-T", "events=" + file});
    EXPECT_EQ(events_in(err), (Names{"request_answered", "drain"}));
    EXPECT_NE(err.find("qemu-pr-helper:" + file + ":5: warning: trace event 'nonsense' does not exist\n"),
              std::string::npos)
        << err;
}

TEST_F(Tracing, EventsFileThatIsMissingEndsTheProgram) {
    const std::string file = directory_ / "missing";
    EXPECT_EQ(refusal({"-T", "drain,events=" + file}),
              "qemu-pr-helper:" + file + ": No such file or directory\n");
}

TEST_F(Tracing, CommaInANameIsWrittenTwice) {
    const std::string file = directory_ / "a,b";
    write_file(file, "drain\n");
    const std::string doubled = directory_ / "a,,b";
    EXPECT_EQ(events_in(trace({"-T", "events=" + doubled})), Names{"drain"});
}

TEST_F(Tracing, GoesToAFileInsteadOfStderr) {
    const std::string file = directory_ / "trace";
    write_file(file, "of an earlier run");
    const std::string err = trace({"-T", "drain,file=" + file});
    EXPECT_EQ(events_in(err), Names{});
    EXPECT_EQ(events_in(read_file(file)), Names{"drain"});
    EXPECT_EQ(read_file(file).find("earlier"), std::string::npos) << "it is truncated";
}

TEST_F(Tracing, FileNameMayHoldThePid) {
    Daemon daemon({"-T", "drain,file=" + (directory_ / "trace-%d-%d")});
    const std::string pid = std::to_string(daemon.pid());
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(events_in(read_file(directory_ / ("trace-" + pid + "-" + pid))), Names{"drain"});
}

TEST_F(Tracing, FileNamesThatCannotBeUsedEndTheProgram) {
    for (const std::string name : {"%s", "100%", "%%d", "%"})
        EXPECT_EQ(refusal({"-T", "file=" + name}), "qemu-pr-helper: Bad logfile template: " + name + "\n");
    const std::string missing = directory_ / "missing/trace";
    EXPECT_EQ(refusal({"-T", "file=" + missing}),
              "qemu-pr-helper: Error opening logfile " + missing + ": No such file or directory\n");
}

TEST_F(Tracing, TheLastOneDecidesAboutTheFile) {
    const std::string first = directory_ / "first", second = directory_ / "second";
    trace({"-T", "drain,file=" + first, "-T", "file=" + second});
    EXPECT_EQ(read_file(first), "");
    EXPECT_EQ(events_in(read_file(second)), Names{"drain"});
    EXPECT_EQ(events_in(trace({"-T", "drain,file=" + first, "-T", ""})), Names{"drain"}) << "stderr again";
}

TEST_F(Tracing, FileThatIsFullStopsNothing) {
    Daemon daemon({"-T", "*,file=/dev/full"});
    for (int i = 0; i < 10; ++i) EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

TEST_F(Tracing, LinesBeginWithATimeInUtcAndTheEvent) {
    const std::string err = trace({"-T", "*"}, true);
    const std::regex line(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [a-z_]+ .+)");
    std::istringstream lines(err);
    int traced = 0;
    for (std::string text; std::getline(lines, text);)
        if (text.rfind("qemu-pr-helper: ", 0) != 0) {
            EXPECT_TRUE(std::regex_match(text, line)) << text;
            ++traced;
        }
    EXPECT_GE(traced, 8);
}

TEST_F(Tracing, EveryEventSaysWhatHappenedAndToWhom) {
    LoopDevice disk;
    if (!disk.failure().empty()) PRH_CANNOT_RUN(disk.failure());
    Daemon daemon({"-T", "*"});
    const Descriptor opened(disk.node());
    RawClient client = daemon.connect();
    EXPECT_EQ(client.request(pr_out(1, 5), opened.get(), key_list(0x123, 0))->brief(), "02 5/24/00");
    EXPECT_EQ(client.request({0xFF}, opened.get())->brief(), "00");
    RawClient bad = daemon.connect();
    EXPECT_TRUE(bad.send_request({0x12}, null_device()));
    EXPECT_TRUE(bad.closed_by_peer());
    EXPECT_EQ(daemon.end(), 0);
    const std::string err = daemon.process().err();
    const std::string peer =
        "connection 1, pid " + std::to_string(::getpid()) + ", uid " + std::to_string(::getuid());
    // in words, with the code, and for the device with the time that it took
    const std::string command =
        "PERSISTENT RESERVE OUT, RESERVE .*type 5 \\(Write Exclusive, registrants only\\).*24 bytes";
    const std::string result =
        "CHECK CONDITION.* ILLEGAL REQUEST, INVALID FIELD IN CDB \\(5/24/00\\), 0 bytes";
    for (const std::string& text :
         {"connection_accepted " + peer, "request_received " + peer + ": " + command,
          "device_command device=" + disk.number() + " " + command,
          "device_result device=" + disk.number() + " " + result + ", [0-9]+ us",
          "request_answered " + peer + ": " + result,
          "request_received " + peer + ": CLEAN-UP after a live migration",
          "request_answered " + peer + ": GOOD, 0 bytes", "connection_closed " + peer,
          std::string("protocol_violation connection 2, pid .*Invalid CDB.*"),
          std::string("drain 0 requests in flight")})
        EXPECT_TRUE(std::regex_search(err, std::regex("Z " + text + "\n"))) << text << "\n" << err;
}

}  // namespace
}  // namespace prh::test
