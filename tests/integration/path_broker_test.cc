// SPDX-License-Identifier: MIT
// The process that opens paths for the daemon: what it has, and that it is there no longer than the daemon.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "support/background_daemon.h"
#include "support/daemon.h"
#include "support/environment.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

std::string proc(pid_t pid, const std::string& file) { return "/proc/" + std::to_string(pid) + "/" + file; }

std::vector<pid_t> children(pid_t pid) {
    std::istringstream text(read_file(proc(pid, "task/" + std::to_string(pid) + "/children")));
    std::vector<pid_t> found;
    for (pid_t child; text >> child;) found.push_back(child);
    return found;
}

/// A zombie has ended.
bool runs(pid_t pid) {
    const std::string status = read_file(proc(pid, "status"));
    return !status.empty() && status.find("State:\tZ") == std::string::npos;
}

std::vector<std::string> open_files(pid_t pid) {
    std::vector<std::string> targets;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(proc(pid, "fd"), error))
        targets.push_back(std::filesystem::read_symlink(entry.path(), error));
    return targets;
}

class PathBroker : public ::testing::Test {
  protected:
    /// The broker of a daemon, or 0.
    static pid_t broker_of(const Daemon& daemon) {
        const std::vector<pid_t> found = children(daemon.pid());
        EXPECT_LE(found.size(), 1U);
        return found.empty() ? 0 : found[0];
    }
    void SetUp() override {
        Daemon daemon;
        if (broker_of(daemon) == 0) PRH_CANNOT_RUN("no detached devtmpfs can be had here");
    }
};

TEST_F(PathBroker, EndsWithTheDaemonHoweverThatEnds) {
    for (const int signal : {SIGTERM, SIGKILL}) {
        Daemon daemon;
        const pid_t broker = broker_of(daemon);
        ASSERT_TRUE(runs(broker));
        daemon.end(signal);
        EXPECT_TRUE(eventually([&] { return !runs(broker); })) << signal;
    }
}

TEST_F(PathBroker, EndsWithAStartThatFails) {
    const Process process({built("qemu-pr-helper"), "-k", "/no/such/directory/socket"});
    EXPECT_TRUE(eventually([&] { return children(process.pid()).empty(); }));
}

TEST_F(PathBroker, HasNothingOfTheDaemons) {
    TemporaryDirectory directory;
    Daemon daemon({"-f", directory / "pid", "-T", "*", "--audit=" + (directory / "audit")});
    const std::vector<std::string> files = open_files(broker_of(daemon));
    EXPECT_EQ(files.size(), 5U) << ::testing::PrintToString(files);
    for (const std::string& file : files)
        EXPECT_TRUE(file == "/null" || file == "/" || file.starts_with("socket:")) << file;
    // Where the daemon has ended, whoever reads its output has all of it.
    EXPECT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
}

TEST_F(PathBroker, MayDoNothing) {
    Daemon daemon;
    auto status = thread_statuses(broker_of(daemon)).at(0);
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
        EXPECT_EQ(status[set], "0000000000000000") << set;
    EXPECT_EQ(status["NoNewPrivs"], "1");
    EXPECT_EQ(status["Seccomp"], kSanitized ? "0" : "2");
    EXPECT_EQ(status["Groups"].find_first_of("0123456789"), std::string::npos) << status["Groups"];
    constexpr std::size_t kOfTheSanitizer = 1;  // a thread of ThreadSanitizer's runtime
    EXPECT_LE(thread_statuses(broker_of(daemon)).size(), kSanitized ? 1U + kOfTheSanitizer : 1U);
}

TEST_F(PathBroker, IsNotEndedByWhatEndsTheService) {
    Daemon daemon;
    const pid_t broker = broker_of(daemon);
    ASSERT_GT(broker, 0);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::kill(broker, signal);
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_TRUE(runs(broker));
    EXPECT_NE(::getsid(broker), ::getsid(daemon.pid())) << "a terminal would reach it";
}

TEST_F(PathBroker, OneThatDiesLeavesNoZombieAndTheDaemonServes) {
    Daemon daemon;
    const pid_t broker = broker_of(daemon);
    ASSERT_GT(broker, 0);
    ::kill(broker, SIGKILL);
    EXPECT_TRUE(eventually([&] { return children(daemon.pid()).empty(); }));
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

TEST_F(PathBroker, IsThereInTheBackgroundToo) {
    Orphanage orphanage;
    TemporaryDirectory directory;
    Process start({built("qemu-pr-helper"), "-d", "-k", directory / "socket", "-f", directory / "pid"});
    ASSERT_EQ(start.wait(), 0) << start.err();
    BackgroundDaemon daemon(directory / "pid");
    const auto brokers = [] {
        std::vector<pid_t> found;
        for (const pid_t child : children(::getpid()))
            if (read_file(proc(child, "comm")) == "pr-path-broker\n" && runs(child)) found.push_back(child);
        return found;
    };
    EXPECT_EQ(brokers().size(), 1U);
    EXPECT_EQ(daemon.end(SIGTERM), 0);
    EXPECT_TRUE(eventually([&] { return brokers().empty(); }));
}

TEST_F(PathBroker, AStartInTheBackgroundThatFailsSaysSo) {
    Process start({built("qemu-pr-helper"), "-d", "-k", "/no/such/directory/socket", "-f", "/dev/null/pid"});
    EXPECT_EQ(start.wait(), 1);
}

TEST_F(PathBroker, IsNotMadeWhereItIsOfNoUse) {
    for (const char* option : {"--multipath=off", "--path-broker=off"}) {
        Daemon daemon({option});
        EXPECT_EQ(broker_of(daemon), 0) << option;
        EXPECT_EQ(daemon.end(), 0);
    }
}

TEST_F(PathBroker, IsNotMadeWithoutTheRightTo) {
    PRH_NEEDS_OTHER_USERS();
    ProcessOptions options;
    options.before_exec = become_nobody_with_rawio;
    TemporaryDirectory directory;
    std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
    Process process({built("qemu-pr-helper"), "-k", directory / "socket"}, options);
    EXPECT_TRUE(eventually([&] { return exists(directory / "socket"); }));
    EXPECT_TRUE(children(process.pid()).empty());
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.err(), "") << "that is no fault";
}

}  // namespace
}  // namespace prh::test
