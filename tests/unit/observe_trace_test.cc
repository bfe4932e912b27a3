// SPDX-License-Identifier: MIT
// Trace lines: when one is written, where to, and what it looks like.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <regex>

#include "observe/trace.h"
#include "support/child_process.h"
#include "support/environment.h"
#include "support/process.h"

namespace prh::test {
namespace {

/// An argument that tells whether it was formatted.
struct Costly {
    int* formatted;
};

}  // namespace
}  // namespace prh::test

template <>
struct fmt::formatter<prh::test::Costly> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    template <class Context>
    auto format(const prh::test::Costly& costly, Context& context) const {
        ++*costly.formatted;
        return context.out();
    }
};

namespace prh::test {
namespace {

class TraceFile : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(trace_.open_file(path_)); }

    TemporaryDirectory directory_;
    const std::string path_ = directory_ / "trace";
    Trace trace_;
};

TEST_F(TraceFile, HasNothingAtFirst) {
    for (std::size_t i = 0; i < kTraceEventCount; ++i) {
        EXPECT_FALSE(trace_.on(static_cast<TraceEvent>(i)));
        trace_.emit(static_cast<TraceEvent>(i), "text");
    }
    EXPECT_FALSE(trace_.any());
    EXPECT_EQ(read_file(path_), "");
}

TEST_F(TraceFile, HasLinesOfEventsThatAreOnAlone) {
    ASSERT_TRUE(trace_.set("drain", true));
    trace_.emit(TraceEvent::DeviceCommand, "not this");
    trace_.emit(TraceEvent::Drain, "{} requests in flight", 3);
    ASSERT_TRUE(trace_.set("drain", false));
    trace_.emit(TraceEvent::Drain, "nor that");
    EXPECT_TRUE(std::regex_match(
        read_file(path_),
        std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z drain 3 requests in flight\n)")))
        << read_file(path_);
}

TEST_F(TraceFile, HasTheTimeInUtc) {
    trace_.set("drain", true);
    const std::time_t before = std::time(nullptr);
    trace_.emit(TraceEvent::Drain, "x");
    const std::time_t after = std::time(nullptr);
    std::tm time{};
    ASSERT_NE(::strptime(read_file(path_).c_str(), "%Y-%m-%dT%H:%M:%S", &time), nullptr);
    EXPECT_GE(::timegm(&time), before);
    EXPECT_LE(::timegm(&time), after);
}

TEST_F(TraceFile, EventsThatAreOffCostNoFormatting) {
    int formatted = 0;
    trace_.emit(TraceEvent::Drain, "{}", Costly{&formatted});
    EXPECT_EQ(formatted, 0);
    trace_.set("drain", true);
    trace_.emit(TraceEvent::Drain, "{}", Costly{&formatted});
    EXPECT_EQ(formatted, 1);
}

TEST_F(TraceFile, IsEmptiedWhenItIsOpened) {
    write_file(path_, "yesterday's\n");
    ASSERT_TRUE(trace_.open_file(path_));
    EXPECT_EQ(read_file(path_), "");
}

TEST_F(TraceFile, IsWrittenToItsEndEvenIfSomebodyEmptiesIt) {
    trace_.set("drain", true);
    trace_.emit(TraceEvent::Drain, "first");
    ASSERT_EQ(::truncate(path_.c_str(), 0), 0);  // as logrotate's copytruncate does
    trace_.emit(TraceEvent::Drain, "second");
    EXPECT_EQ(read_file(path_).find('\0'), std::string::npos);
    EXPECT_NE(read_file(path_).find("drain second\n"), std::string::npos);
}

TEST_F(TraceFile, HasTheProcessIdInItsNameWhereAsked) {
    const std::string pid = std::to_string(::getpid());
    ASSERT_TRUE(trace_.open_file(directory_ / "a-%d-b-%d"));
    EXPECT_TRUE(exists(directory_ / ("a-" + pid + "-b-" + pid)));
}

TEST_F(TraceFile, AnyOtherTemplateIsRefused) {
    for (const std::string name : {"%", "a%", "%s", "%%", "%5d", "%d%"}) {
        const Status opened = trace_.open_file(directory_ / name);
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().message, "Bad logfile template: " + directory_.path() + "/" + name);
    }
}

TEST_F(TraceFile, ThatCannotBeOpenedIsAnErrorAndTheOneBeforeIsKept) {
    const Status opened = trace_.open_file(directory_ / "missing/trace");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message,
              "Error opening logfile " + directory_.path() + "/missing/trace: No such file or directory");
    trace_.set("drain", true);
    trace_.emit(TraceEvent::Drain, "still here");
    EXPECT_NE(read_file(path_).find("drain still here\n"), std::string::npos);
}

TEST_F(TraceFile, ThatIsFullLosesLinesAndNothingElse) {
    ASSERT_TRUE(trace_.open_file("/dev/full"));
    trace_.set("drain", true);
    trace_.emit(TraceEvent::Drain, "lost");
}

TEST(TraceOnStderr, IsWhereLinesGoUntilItIsLeft) {
    const std::string said = in_child([] {
        StderrPipe err;
        Trace trace;
        trace.set("drain", true);
        trace.emit(TraceEvent::Drain, "one");
        trace.leave_stderr();
        trace.emit(TraceEvent::Drain, "two");
        return err.text();
    });
    EXPECT_NE(said.find(" drain one\n"), std::string::npos) << said;
    EXPECT_EQ(said.find("two"), std::string::npos) << said;
}

TEST(TraceOnStderr, IsWhereLinesGoAgainAfterAFile) {
    TemporaryDirectory directory;
    const std::string path = directory / "trace";
    const std::string said = in_child([&] {
        StderrPipe err;
        Trace trace;
        trace.set("drain", true);
        if (!trace.open_file(path)) return std::string("cannot open");
        trace.emit(TraceEvent::Drain, "one");
        trace.use_stderr();
        trace.emit(TraceEvent::Drain, "two");
        return err.text();
    });
    EXPECT_NE(read_file(path).find(" drain one\n"), std::string::npos);
    EXPECT_NE(said.find(" drain two\n"), std::string::npos) << said;
    EXPECT_EQ(said.find("one"), std::string::npos) << said;
}

}  // namespace
}  // namespace prh::test
