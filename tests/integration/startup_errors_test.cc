// SPDX-License-Identifier: MIT
// A start that fails: one line on stderr, exit code 1, and nothing left behind.
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "os/file_confinement.h"
#include "support/daemon.h"
#include "support/environment.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

std::vector<std::string> contents(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

/// In a directory of its own: what was there before must be there afterwards, and nothing else.
class StartupErrors : public ::testing::Test {
  protected:
    StartupErrors() { ::chmod(directory_.path().c_str(), 0777); }

    void expect_failure(std::vector<std::string> arguments, const std::string& message,
                        const ProcessOptions& options = {}) {
        const auto before = contents(directory_.path());
        arguments.insert(arguments.begin(), built("qemu-pr-helper"));
        Process process(arguments, options);
        EXPECT_EQ(process.wait(), 1) << message;
        EXPECT_EQ(process.err(), "qemu-pr-helper: " + message + "\n");
        EXPECT_EQ(process.out(), "");
        EXPECT_EQ(contents(directory_.path()), before) << message;
    }

    TemporaryDirectory directory_;
    const std::string socket_ = directory_ / "socket";
    const std::string pid_file_ = directory_ / "pid";
};

TEST_F(StartupErrors, MissingDirectoryOfTheSocket) {
    const std::string path = directory_ / "missing/socket";
    const std::string message = "Failed to bind socket to " + path + ": No such file or directory";
    expect_failure({"-k", path}, message);
    expect_failure({"-k", path, "-f", pid_file_}, message);
}

TEST_F(StartupErrors, FileInPlaceOfTheDirectory) {
    write_file(directory_ / "file", "");
    const std::string path = directory_ / "file/socket";
    expect_failure({"-k", path}, "Failed to bind socket to " + path + ": Not a directory");
}

TEST_F(StartupErrors, SocketPathThatIsTooLong) {
    const std::string path = directory_ / std::string(109 - directory_.path().size() - 1, 'x');
    ASSERT_EQ(path.size(), 109U);
    expect_failure({"-k", path},
                   "UNIX socket path '" + path + "' is too long\nPath must be less than 108 bytes");
}

TEST_F(StartupErrors, DirectoryAtTheSocketsPath) {
    ::mkdir(socket_.c_str(), 0755);
    expect_failure({"-k", socket_}, "Failed to unlink socket " + socket_ + ": Is a directory");
}

TEST_F(StartupErrors, MissingDirectoryOfThePidFile) {
    const std::string path = directory_ / "missing/pid";
    const std::string message = "Could not create '" + path + "': No such file or directory";
    expect_failure({"-k", socket_, "-f", path}, message);
    expect_failure({"-k", socket_, "-f", path, "-d"}, message);
    expect_failure({"-k", socket_, "-f", ""}, "Could not create '': No such file or directory");
}

TEST_F(StartupErrors, MissingPrivilege) {
    PRH_NEEDS_OTHER_USERS();
    ProcessOptions options;
    options.before_exec = become_nobody;
    const std::string message =
        "Failed to drop privileges: Operation not permitted (CAP_SYS_RAWIO is missing: start as root or with "
        "AmbientCapabilities=CAP_SYS_RAWIO)";
    expect_failure({"-k", socket_}, message, options);
    expect_failure({"-k", socket_, "-f", pid_file_}, message, options);
    expect_failure({"-k", socket_, "-f", pid_file_, "-d"}, message, options);
}

TEST_F(StartupErrors, UserThatMayNotBeTakenOn) {
    PRH_NEEDS_OTHER_USERS();
    ProcessOptions options;
    options.before_exec = [] { become_nobody_with_rawio(); };
    expect_failure({"-k", socket_, "-f", pid_file_, "-u", "1", "-g", "65534"},
                   "Failed to drop privileges: setresuid: Operation not permitted", options);
    expect_failure({"-k", socket_, "-f", pid_file_, "-g", "1"},
                   "Failed to drop privileges: setresgid: Operation not permitted", options);
}

TEST_F(StartupErrors, SocketGroupThatMayNotBeGiven) {
    PRH_NEEDS_OTHER_USERS();
    ProcessOptions options;
    options.before_exec = [] { become_nobody_with_rawio(); };
    expect_failure({"-k", socket_, "-f", pid_file_, "--socket-group=0"},
                   "Failed to give socket " + socket_ + " to group 0: Operation not permitted", options);
}

TEST_F(StartupErrors, DirectoryThatIsNotWritable) {
    PRH_NEEDS_OTHER_USERS();
    ::chmod(directory_.path().c_str(), 0755);
    ProcessOptions options;
    options.before_exec = [] { become_nobody_with_rawio(); };
    expect_failure({"-k", socket_}, "Failed to bind socket to " + socket_ + ": Permission denied", options);
    expect_failure({"-k", socket_, "-f", pid_file_},
                   "Could not create '" + pid_file_ + "': Permission denied", options);
}

TEST_F(StartupErrors, NoProcessAndNoThreadLeft) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime starts threads of its own";
    PRH_NEEDS_OTHER_USERS();
    ProcessOptions options;
    options.before_exec = [] {
        become_nobody_with_rawio();
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_NPROC, &none);
    };
    expect_failure({"-k", socket_, "-f", pid_file_, "-d"},
                   "Failed to daemonize: Resource temporarily unavailable", options);
    expect_failure({"-k", socket_, "-f", pid_file_},
                   "Failed to start a thread: Resource temporarily unavailable", options);
}

TEST_F(StartupErrors, NoDescriptorsLeft) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime needs descriptors of its own";
    ProcessOptions options;
    options.before_exec = [] {
        // The loader needs one for each library; the rest are stdin, stdout, stderr, and hardly more. What
        // ctest or a shell has left open would make it fewer.
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        const rlimit few{5, 5};
        ::setrlimit(RLIMIT_NOFILE, &few);
    };
    const auto before = contents(directory_.path());
    Process process({built("qemu-pr-helper"), "-k", socket_, "-f", pid_file_}, options);
    EXPECT_EQ(process.wait(), 1);
    EXPECT_NE(process.err().find(": Too many open files\n"), std::string::npos) << process.err();
    EXPECT_EQ(contents(directory_.path()), before);
}

TEST_F(StartupErrors, DirectoriesThatItCouldNotReachWhenItServes) {
    if (kSanitized) GTEST_SKIP() << "a sanitized program does not confine itself";
    if (file_confinement_version() == 0) PRH_CANNOT_RUN("the kernel has no Landlock");
    expect_failure({"-k", socket_, "--state-dir=/nowhere/state"},
                   "Failed to confine files: cannot open '/nowhere/state': No such file or directory");
    const std::string closed = directory_ / "closed";
    ASSERT_EQ(::mkdir(closed.c_str(), 0700), 0);
    ASSERT_EQ(::mkdir((closed + "/audit").c_str(), 0755), 0);
    write_file(closed + "/audit/file", "");
    expect_failure({"-k", socket_, "-u", "nobody", "--audit=" + closed + "/audit/file"},
                   "Failed to confine files: cannot open '" + closed + "/audit': Permission denied");
}

TEST_F(StartupErrors, TraceFileThatCannotBeWritten) {
    const std::string path = directory_ / "missing/trace";
    expect_failure({"-k", socket_, "-T", "file=" + path},
                   "Error opening logfile " + path + ": No such file or directory");
}

}  // namespace
}  // namespace prh::test
