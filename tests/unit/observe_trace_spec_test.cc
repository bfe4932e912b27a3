// SPDX-License-Identifier: MIT
// The argument of -T: its grammar, and what it switches on and off.
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "observe/trace_spec.h"
#include "support/process.h"

namespace prh::test {
namespace {

using Names = std::set<std::string>;
using Lines = std::vector<std::string>;

const Names kAll{"connection_accepted", "connection_closed", "request_received",   "device_command",
                 "device_result",       "request_answered",  "protocol_violation", "drain"};
const Names kDevice{"device_command", "device_result"};

Names on(const Trace& trace) {
    Names names;
    for (std::size_t i = 0; i < kTraceEventCount; ++i)
        if (trace.on(static_cast<TraceEvent>(i))) names.emplace(name(static_cast<TraceEvent>(i)));
    return names;
}

std::string parse_error(const std::string& text) {
    const auto spec = TraceSpec::parse(text);
    return spec ? "accepted" : spec.error().message;
}

class TraceSpecs : public ::testing::Test {
  protected:
    /// What is on after the argument; `warnings_` has what it said.
    Names apply_spec(const std::string& text) {
        const auto spec = TraceSpec::parse(text);
        if (!spec) return {spec.error().message};
        const Status applied = apply(*spec, trace_, warnings_);
        if (!applied) return {applied.error().message};
        return on(trace_);
    }
    std::string events_file(const std::string& text) {
        write_file(directory_ / "events", text);
        return directory_ / "events";
    }

    TemporaryDirectory directory_;
    Trace trace_;
    Lines warnings_;
};

TEST(TraceSpecGrammar, TheFirstItemMayBeABarePattern) {
    EXPECT_EQ(TraceSpec::parse("drain")->pattern, "drain");
    EXPECT_EQ(TraceSpec::parse("enable=drain")->pattern, "drain");
    EXPECT_EQ(parse_error("a,b"), "Invalid parameter 'b'");
    EXPECT_EQ(parse_error("file=/x,b"), "Invalid parameter 'b'");
}

TEST(TraceSpecGrammar, FilesAreNamedByKeys) {
    const auto spec = TraceSpec::parse("drain,events=/a,file=/b");
    ASSERT_TRUE(spec);
    EXPECT_EQ(spec->events_file, "/a");
    EXPECT_EQ(spec->file, "/b");
    EXPECT_EQ(TraceSpec::parse("file=/a=b")->file, "/a=b") << "a value may have one too";
}

TEST(TraceSpecGrammar, OfWhatIsNamedTwiceTheLastCounts) {
    EXPECT_EQ(TraceSpec::parse("a,enable=b,enable=-c")->pattern, "-c");
    EXPECT_EQ(TraceSpec::parse("events=/a,events=/b")->events_file, "/b");
    EXPECT_EQ(TraceSpec::parse("file=/a,file=/b")->file, "/b");
}

TEST(TraceSpecGrammar, ACommaWrittenTwiceIsOne) {
    EXPECT_EQ(TraceSpec::parse("file=/a,,b")->file, "/a,b");
    EXPECT_EQ(TraceSpec::parse("file=/a,,,enable=b")->file, "/a,");
    EXPECT_EQ(TraceSpec::parse("file=/a,,,enable=b")->pattern, "b");
    EXPECT_EQ(TraceSpec::parse("file=,,,,")->file, ",,");
    EXPECT_EQ(TraceSpec::parse("a,,b")->pattern, "a,b");
}

TEST(TraceSpecGrammar, ACommaAtTheEndIsNothing) {
    EXPECT_EQ(TraceSpec::parse("drain,")->pattern, "drain");
    EXPECT_EQ(TraceSpec::parse("file=/a,")->file, "/a");
    EXPECT_EQ(parse_error("drain,,,"), "accepted");
}

TEST(TraceSpecGrammar, AnUnknownKeyIsNamed) {
    EXPECT_EQ(parse_error("bogus=1"), "Invalid parameter 'bogus'");
    EXPECT_EQ(parse_error("drain,bogus=1"), "Invalid parameter 'bogus'");
    EXPECT_EQ(parse_error("=1"), "Invalid parameter ''");
    EXPECT_EQ(parse_error("Enable=a"), "Invalid parameter 'Enable'");
}

TEST(TraceSpecGrammar, HelpIsAPattern) {
    for (const char* text : {"help", "?", "enable=help", "enable=?", "file=/x,enable=help"})
        EXPECT_TRUE(TraceSpec::parse(text)->help) << text;
    for (const char* text : {"", "-help", "helpful", "file=help", "events=?", "help,enable=a"})
        EXPECT_FALSE(TraceSpec::parse(text)->help) << text;
}

TEST(TraceSpecGrammar, NothingIsAcceptedAndSwitchesNothing) {
    const auto spec = TraceSpec::parse("");
    ASSERT_TRUE(spec);
    EXPECT_TRUE(!spec->pattern && !spec->events_file && spec->file.empty());
}

TEST(TraceSpecGrammar, TheListHasEveryEventOnALineOfItsOwn) {
    std::string expected;
    for (std::size_t i = 0; i < kTraceEventCount; ++i)
        expected += std::string(name(static_cast<TraceEvent>(i))) + "\n";
    EXPECT_EQ(trace_event_list(), expected);
    EXPECT_EQ(kAll.size(), kTraceEventCount);
}

TEST_F(TraceSpecs, ANameSwitchesOneEventOn) {
    EXPECT_EQ(apply_spec("drain"), Names{"drain"});
    EXPECT_EQ(warnings_, Lines{});
    EXPECT_TRUE(trace_.any());
}

TEST_F(TraceSpecs, AGlobSwitchesWhatItMatches) {
    EXPECT_EQ(apply_spec("device_*"), kDevice);
    EXPECT_EQ(apply_spec("*"), kAll);
    EXPECT_EQ(warnings_, Lines{});
}

TEST_F(TraceSpecs, GlobsMatchAtBothEndsAndInTheMiddle) {
    const auto matches = [](std::string_view pattern) {
        Trace trace;
        EXPECT_TRUE(trace.set(pattern, true)) << pattern << ": a glob without a match is no mistake";
        return on(trace);
    };
    EXPECT_EQ(matches("*_result"), Names{"device_result"});
    EXPECT_EQ(matches("*_c*"), (Names{"connection_closed", "device_command"}));
    EXPECT_EQ(matches("d*n"), Names{"drain"});
    EXPECT_EQ(matches("d????*"), (Names{"drain", "device_command", "device_result"}));
    EXPECT_EQ(matches("dr?i*"), Names{"drain"});
    EXPECT_EQ(matches("drain*"), Names{"drain"}) << "a run may be empty";
    EXPECT_EQ(matches("**"), kAll);
    for (const char* none : {"nothing*", "*x*", "rain*", "*drai", "drain?*", "DRAIN*", "d*x"})
        EXPECT_EQ(matches(none), Names{}) << none;
}

TEST_F(TraceSpecs, ARunOfStarsTakesNoLongerThanOne) {
    EXPECT_EQ(apply_spec(std::string(200, '*') + "x"), Names{});
    EXPECT_EQ(apply_spec(std::string(200, '*') + "n"), (Names{"drain", "protocol_violation"}));
}

TEST_F(TraceSpecs, AQuestionMarkWithoutAStarIsPartOfAName) {
    EXPECT_EQ(apply_spec("drai?"), Names{});
    EXPECT_EQ(warnings_, Lines{" warning: trace event 'drai?' does not exist"});
}

TEST_F(TraceSpecs, ALeadingDashSwitchesOff) {
    apply_spec("*");
    apply_spec("-drain");
    EXPECT_EQ(apply_spec("-connection_*"), (Names{"request_received", "device_command", "device_result",
                                                  "request_answered", "protocol_violation"}));
    EXPECT_EQ(apply_spec("-*"), Names{});
    EXPECT_FALSE(trace_.any());
    EXPECT_EQ(warnings_, Lines{});
}

TEST_F(TraceSpecs, WhatWasSwitchedOnBeforeStaysOn) {
    apply_spec("drain");
    EXPECT_EQ(apply_spec("device_command"), (Names{"drain", "device_command"}));
    EXPECT_EQ(apply_spec(""), (Names{"drain", "device_command"}));
}

TEST_F(TraceSpecs, AnUnknownNameIsAWarning) {
    apply_spec("nope");
    apply_spec("-neither");
    apply_spec("enable=");
    EXPECT_EQ(apply_spec("drain"), Names{"drain"});
    EXPECT_EQ(warnings_, (Lines{" warning: trace event 'nope' does not exist",
                                " warning: trace event 'neither' does not exist",
                                " warning: trace event '' does not exist"}));
}

TEST_F(TraceSpecs, AnEventsFileHasOneEntryOnALine) {
    const std::string path =
        events_file("# a comment\n\ndrain\ndevice_*\n#protocol_violation\n-device_result\n");
    EXPECT_EQ(apply_spec("events=" + path), (Names{"drain", "device_command"}));
    EXPECT_EQ(warnings_, Lines{});
}

TEST_F(TraceSpecs, TheLastLineOfAnEventsFileNeedsNoNewline) {
    EXPECT_EQ(apply_spec("events=" + events_file("drain\ndevice_result")), (Names{"drain", "device_result"}));
    EXPECT_EQ(warnings_, Lines{});
}

TEST_F(TraceSpecs, AnUnknownNameInAnEventsFileIsAWarningWithItsLine) {
    const std::string path = events_file("drain\nnope\n\n# comment\n-neither\nlast");
    EXPECT_EQ(apply_spec("events=" + path), Names{"drain"});
    EXPECT_EQ(warnings_, (Lines{path + ":2: warning: trace event 'nope' does not exist",
                                path + ":5: warning: trace event 'neither' does not exist",
                                path + ":6: warning: trace event 'last' does not exist"}));
}

TEST_F(TraceSpecs, AnEmptyEventsFileSwitchesNothing) {
    EXPECT_EQ(apply_spec("events=" + events_file("")), Names{});
    EXPECT_EQ(warnings_, Lines{});
}

TEST_F(TraceSpecs, AMissingEventsFileIsAnError) {
    const std::string path = directory_ / "missing";
    EXPECT_EQ(apply_spec("events=" + path), Names{path + ": No such file or directory"});
}

TEST_F(TraceSpecs, EventsFilesComeAfterThePatterns) {
    EXPECT_EQ(apply_spec("enable=-*,events=" + events_file("drain\n")), Names{"drain"})
        << "as in the existing program";
    EXPECT_EQ(apply_spec("nope,events=" + events_file("neither\n")), Names{"drain"});
    EXPECT_EQ(warnings_,
              (Lines{" warning: trace event 'nope' does not exist",
                     directory_ / "events" + ":1: warning: trace event 'neither' does not exist"}));
}

}  // namespace
}  // namespace prh::test
