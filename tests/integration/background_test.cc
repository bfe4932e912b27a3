// SPDX-License-Identifier: MIT
// -d: the starting process ends with 0 when the one in the background serves, and never otherwise.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/background_daemon.h"
#include "support/daemon.h"
#include "support/datagram_receiver.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/private_namespace.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

/// Fields of /proc/PID/stat behind the name: state, ppid, pgrp, session, tty, ...
std::vector<std::string> stat_of(pid_t pid) {
    const std::string text = read_file("/proc/" + std::to_string(pid) + "/stat");
    std::istringstream rest(text.substr(text.rfind(')') + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

std::string link_of(pid_t pid, const std::string& name) {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/" + name, error).string();
}

class Background : public ::testing::Test {
  protected:
    std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> line{built("qemu-pr-helper"), "-d", "-k", socket_, "-f", pid_file_};
        line.insert(line.end(), more.begin(), more.end());
        return line;
    }

    Orphanage orphanage_;
    TemporaryDirectory directory_;
    const std::string socket_ = directory_ / "socket";
    const std::string pid_file_ = directory_ / "pid";
};

TEST_F(Background, ServesWhenTheStartingProcessHasEnded) {
    for (int i = 0; i < 10; ++i) {
        Process starter(command());
        ASSERT_EQ(starter.wait(), 0) << starter.err();
        RawClient client;
        EXPECT_TRUE(client.connect(socket_)) << "it ended before it could be connected to";
        BackgroundDaemon daemon(pid_file_);
        ASSERT_GT(daemon.pid(), 0);
        EXPECT_NE(daemon.pid(), starter.pid());
        ASSERT_TRUE(client.handshake());
        EXPECT_EQ(ask(client), kNoDevice);
        EXPECT_EQ(daemon.end(SIGTERM), 0);
        EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
        EXPECT_EQ(starter.err() + starter.out(), "");
    }
}

TEST_F(Background, HasASessionADirectoryAndDescriptorsOfItsOwn) {
    Process starter(command());
    ASSERT_EQ(starter.wait(), 0);
    BackgroundDaemon daemon(pid_file_);
    const auto stat = stat_of(daemon.pid());
    ASSERT_GT(stat.size(), 4U);
    EXPECT_EQ(stat[3], std::to_string(daemon.pid())) << "session";
    EXPECT_EQ(stat[4], "0") << "controlling terminal";
    EXPECT_EQ(link_of(daemon.pid(), "cwd"), "/");
    for (const char* standard : {"fd/0", "fd/1", "fd/2"})
        EXPECT_EQ(link_of(daemon.pid(), standard), "/dev/null");
}

TEST_F(Background, RelativePidFileMeansTheStartingDirectory) {
    ProcessOptions options;
    const std::string start = directory_.path();
    options.before_exec = [start] {
        if (::chdir(start.c_str()) != 0) ::_exit(125);
    };
    Process starter({built("qemu-pr-helper"), "-d", "-k", socket_, "-f", "relative.pid"}, options);
    ASSERT_EQ(starter.wait(), 0);
    BackgroundDaemon daemon(directory_ / "relative.pid");
    EXPECT_GT(daemon.pid(), 0);
    EXPECT_EQ(daemon.end(SIGTERM), 0);
    EXPECT_FALSE(exists(directory_ / "relative.pid"));
}

TEST_F(Background, StartFailsWhereTheDaemonWould) {
    const auto expect_failure = [&](const std::vector<std::string>& line, const std::string& message,
                                    const ProcessOptions& options = {}) {
        Process starter(line, options);
        EXPECT_EQ(starter.wait(), 1) << message;
        EXPECT_EQ(starter.err(), "qemu-pr-helper: " + message + "\n");
    };
    const std::string program = built("qemu-pr-helper");
    const std::string bad_socket = directory_ / "missing/socket";
    const std::string bad_pid_file = directory_ / "missing/pid";
    expect_failure({program, "-d", "-k", bad_socket, "-f", pid_file_},
                   "Failed to bind socket to " + bad_socket + ": No such file or directory");
    expect_failure({program, "-d", "-k", socket_, "-f", bad_pid_file},
                   "Could not create '" + bad_pid_file + "': No such file or directory");
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));

    PRH_NEEDS_OTHER_USERS();
    ::chmod(directory_.path().c_str(), 0777);
    ProcessOptions unprivileged;
    unprivileged.before_exec = become_nobody;
    Process starter(command(), unprivileged);
    EXPECT_EQ(starter.wait(), 1);
    EXPECT_NE(starter.err().find("CAP_SYS_RAWIO is missing"), std::string::npos) << starter.err();
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(Background, SecondStartIsRefusedByThePidFile) {
    Process first(command());
    ASSERT_EQ(first.wait(), 0);
    BackgroundDaemon daemon(pid_file_);
    Process second(command());
    EXPECT_EQ(second.wait(), 1);
    EXPECT_EQ(second.err(), "qemu-pr-helper: Cannot lock pid file: Resource temporarily unavailable\n");
    EXPECT_EQ(ask(socket_), kNoDevice);
    EXPECT_EQ(read_file(pid_file_), std::to_string(daemon.pid()) + "\n");
}

TEST_F(Background, StandardDescriptorsThatAreClosedAreNoneOfItsOwn) {
    ProcessOptions options;
    options.before_exec = [] {
        for (const int standard : {0, 1, 2}) ::close(standard);
    };
    Process starter(command(), options);
    ASSERT_EQ(starter.wait(), 0);
    BackgroundDaemon daemon(pid_file_);
    EXPECT_EQ(ask(socket_), kNoDevice);
    EXPECT_EQ(daemon.end(SIGTERM), 0);
    EXPECT_FALSE(exists(socket_));
}

TEST_F(Background, TraceFileIsTheStartingDirectorys) {
    ProcessOptions options;
    const std::string start = directory_.path();
    options.before_exec = [start] {
        if (::chdir(start.c_str()) != 0) ::_exit(125);
    };
    Process starter(command({"-T", "request_answered,file=trace"}), options);
    ASSERT_EQ(starter.wait(), 0);
    BackgroundDaemon daemon(pid_file_);
    EXPECT_EQ(ask(socket_), kNoDevice);
    EXPECT_NE(read_file(directory_ / "trace").find("request_answered"), std::string::npos);
}

TEST_F(Background, EmulatorsStateDirectoryIsTheStartingDirectorys) {
    ProcessOptions options;
    const std::string start = directory_.path();
    options.before_exec = [start] {
        if (::chdir(start.c_str()) != 0) ::_exit(125);
    };
    std::filesystem::create_directory(directory_ / "state");
    write_file(directory_ / "disk", "");
    Process starter({built("prhelper-emulator"), "-d", "-k", socket_, "-f", pid_file_, "--state-dir=state"},
                    options);
    ASSERT_EQ(starter.wait(), 0) << starter.err();
    BackgroundDaemon daemon(pid_file_);
    const Descriptor disk(directory_ / "disk");
    RawClient client;
    ASSERT_TRUE(client.open(socket_));
    constexpr unsigned kAptpl = 1;
    const auto reply = client.request(pr_out(0, 0), disk.get(), key_list(0, 0xA, kAptpl));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->brief(), "00") << "what was registered cannot be saved";
}

TEST_F(Background, DiagnosticsGoToTheSystemLog) {
    if (!can_have_private_namespace()) PRH_CANNOT_RUN("no mount namespace can be had");
    DatagramReceiver log(directory_ / "log");
    ProcessOptions options;
    options.before_exec = in_private_namespace(directory_ / "log");
    Process starter(command(), options);
    ASSERT_EQ(starter.wait(), 0);
    BackgroundDaemon daemon(pid_file_);
    RawClient client;
    ASSERT_TRUE(client.open(socket_));
    client.send_bytes(Bytes(16));
    ASSERT_TRUE(log.receives("No file descriptor in request."));
    EXPECT_EQ(log.messages()[0].rfind("<29>qemu-pr-helper[" + std::to_string(daemon.pid()) + "]: ", 0), 0U);
    EXPECT_EQ(starter.err(), "");
}

TEST_F(Background, DefaultPathsAreUsedWhereNoneIsGiven) {
    if (!can_have_private_namespace()) PRH_CANNOT_RUN("no mount namespace can be had");
    ProcessOptions options;
    options.before_exec = in_private_namespace();
    // what is below /run can be seen from here only through a process that lives there
    Process keeper(
        {"/bin/sh", "-c", built("qemu-pr-helper") + " -d; echo ended $?; cat /run/*.pid; sleep 600"},
        options);
    EXPECT_TRUE(eventually([&] {
        const std::string out = keeper.out();
        return std::count(out.begin(), out.end(), '\n') == 2;
    }));
    EXPECT_EQ(keeper.out().substr(0, 8), "ended 0\n") << keeper.err();
    const std::string run = "/proc/" + std::to_string(keeper.pid()) + "/root/run/";
    BackgroundDaemon daemon(run + "qemu-pr-helper.pid");
    EXPECT_GT(daemon.pid(), 0);
    EXPECT_EQ(ask(run + "qemu-pr-helper.sock"), kNoDevice);
}

}  // namespace
}  // namespace prh::test
