// SPDX-License-Identifier: MIT
// The program's messages: how many, and where they go when stderr is no use.
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <regex>
#include <thread>

#include "observe/log.h"
#include "support/child_process.h"
#include "support/datagram_receiver.h"
#include "support/environment.h"
#include "support/private_namespace.h"
#include "support/process.h"

namespace prh::test {
namespace {

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++found;
    return found;
}

/// The sum of the numbers in "prog: N `what`".
std::size_t sum(const std::string& text, const std::string& what) {
    std::size_t total = 0;
    const std::regex pattern("prog: ([0-9]+) " + what + "\n");
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
        total += std::stoul((*at)[1]);
    return total;
}

constexpr char kLeftOut[] = "messages about clients left out";
constexpr char kNotWritten[] = "messages could not be written";

/// Every test has a child with a system log of its own, or none.
class LogTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!can_have_private_namespace()) PRH_CANNOT_RUN("no private mount namespace");
    }
    /// What `work` returns in a child; system_log_ is its system log if `with_system_log`.
    std::string run(bool with_system_log, const std::function<std::string(StderrPipe&)>& work) {
        if (with_system_log) system_log_.emplace(directory_ / "log");
        return in_child([&] {
            in_private_namespace(with_system_log ? directory_ / "log" : "")();
            StderrPipe err;
            return work(err);
        });
    }

    TemporaryDirectory directory_;
    std::optional<DatagramReceiver> system_log_;
};

TEST_F(LogTest, AMessageIsALineThatBeginsWithTheProgram) {
    EXPECT_EQ(run(true,
                  [](StderrPipe& err) {
                      Log log("prog");
                      log.write("one");
                      log.client("two");
                      return err.text();
                  }),
              "prog: one\nprog: two\n");
    EXPECT_TRUE(system_log_->messages().empty()) << "while stderr takes them, the system log gets none";
}

TEST_F(LogTest, ClientsGetSoManyLinesAndTheRestIsCounted) {
    const std::string said = run(false, [](StderrPipe& err) {
        Log log("prog");
        for (int i = 0; i < 1000; ++i) log.client("x");
        std::string text = err.text();
        log.set_client_rate(Log::kClientLinesPerSecond);  // fills the allowance, as time does
        log.client("last");
        return text + err.text();
    });
    const std::size_t written = count(said, "prog: x\n");
    EXPECT_GE(written, static_cast<std::size_t>(Log::kClientBurst));
    EXPECT_LT(written, 1000U);
    EXPECT_EQ(written + sum(said, kLeftOut), 1000U) << said;
    EXPECT_EQ(said.substr(said.size() - 11), "prog: last\n");
}

TEST_F(LogTest, TheCountOfWhatWasLeftOutBeginsAnew) {
    const std::string said = run(false, [](StderrPipe& err) {
        Log log("prog");
        for (int i = 0; i < 60; ++i) log.client("x");
        log.set_client_rate(Log::kClientLinesPerSecond);  // fills the allowance, as time does
        log.client("y");
        err.text();
        log.client("z");
        return err.text();
    });
    EXPECT_EQ(said, "prog: z\n");
}

TEST_F(LogTest, OneKindOfLinesDoesNotHideAnother) {
    const std::string said = run(false, [](StderrPipe& err) {
        Log log("prog");
        for (int i = 0; i < 200; ++i) log.client("noise");
        for (int i = 0; i < 200; ++i) log.client("conflict", Log::About::Commands);
        err.text();
        log.client("two machines", Log::About::Nexuses);
        return err.text();
    });
    EXPECT_EQ(said, "prog: two machines\n");
}

TEST_F(LogTest, WhatAnAdministratorMustSeeHasNoLimit) {
    const std::string said = run(false, [](StderrPipe& err) {
        Log log("prog");
        for (int i = 0; i < 200; ++i) log.client("x");
        err.text();
        for (int i = 0; i < 200; ++i) log.write("important");
        return err.text();
    });
    EXPECT_EQ(count(said, "prog: important\n"), 200U);
}

TEST_F(LogTest, QuietIsAboutClientsAlone) {
    EXPECT_EQ(run(false,
                  [](StderrPipe& err) {
                      Log log("prog");
                      log.set_verbosity(Log::Verbosity::Quiet);
                      log.client("not this");
                      log.write("this");
                      log.set_verbosity(Log::Verbosity::Normal);
                      log.client("and this");
                      return err.text();
                  }),
              "prog: this\nprog: and this\n");
}

TEST_F(LogTest, GoesToTheSystemLogWhereStderrIsClosed) {
    run(true, [](StderrPipe&) {
        Log log("prog");
        ::close(2);
        log.write("one");
        log.client("two");
        return std::string();
    });
    EXPECT_EQ(system_log_->count("]: one"), 1U);
    EXPECT_EQ(system_log_->count("]: two"), 1U);
    EXPECT_EQ(system_log_->messages().size(), 2U);
}

TEST_F(LogTest, GoesToTheSystemLogWhereNobodyReadsStderrAnyMore) {
    EXPECT_EQ(run(true,
                  [](StderrPipe& err) {
                      Log log("prog");
                      err.close();
                      log.write("one");
                      return std::string("alive");
                  }),
              "alive");
    EXPECT_EQ(system_log_->count("]: one"), 1U);
}

TEST_F(LogTest, GoesToTheSystemLogWhereStderrIsFullAndNeverWaits) {
    EXPECT_EQ(run(true,
                  [](StderrPipe& err) {
                      Log log("prog");
                      err.fill();
                      log.write("one");
                      err.text();
                      log.write("two");
                      return err.text();
                  }),
              "prog: two\n");
    EXPECT_EQ(system_log_->count("]: one"), 1U);
    EXPECT_EQ(system_log_->messages().size(), 1U);
}

TEST_F(LogTest, GoesToTheSystemLogAloneOnceStderrIsLeft) {
    EXPECT_EQ(run(true,
                  [](StderrPipe& err) {
                      Log log("prog");
                      log.leave_stderr();
                      log.write("one");
                      return err.text();
                  }),
              "");
    EXPECT_EQ(system_log_->count("]: one"), 1U);
}

TEST_F(LogTest, WhatNobodyTakesIsCountedAndTheCountIsWrittenWhenSomebodyDoes) {
    const std::string said = run(false, [](StderrPipe& err) {
        Log log("prog");
        err.fill();
        for (int i = 0; i < 3; ++i) log.write("lost");
        err.text();
        log.write("found");
        log.write("again");
        return err.text();
    });
    EXPECT_EQ(said, std::string("prog: 3 ") + kNotWritten + "\nprog: found\nprog: again\n");
}

TEST_F(LogTest, ManyThreadsWriteWholeLines) {
    const std::string said = run(false, [](StderrPipe& err) {
        Log log("prog");
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&log] {
                for (int line = 0; line < 50; ++line) log.write("a line of some length");
            });
        for (std::thread& thread : threads) thread.join();
        return err.text();
    });
    EXPECT_EQ(count(said, "prog: a line of some length\n"), 200U);
    EXPECT_EQ(said.size(), 200U * 28U);
}

}  // namespace
}  // namespace prh::test
