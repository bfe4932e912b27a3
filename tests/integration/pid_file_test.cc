// SPDX-License-Identifier: MIT
// The pid file (-f): who is named in it, whom it keeps out, and what it is never written over.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "support/daemon.h"
#include "support/descriptor.h"

namespace prh::test {
namespace {

const std::string kLocked = "qemu-pr-helper: Cannot lock pid file: Resource temporarily unavailable\n";

mode_t mode_of(const std::string& path) {
    struct stat status {};
    ::lstat(path.c_str(), &status);
    return status.st_mode & 07777U;
}

class PidFile : public ::testing::Test {
  protected:
    /// stderr of a start that has to fail, after which the socket must not be there.
    std::string refusal(const std::string& pid_file) {
        const std::string socket = directory_ / "refused";
        Process process({built("qemu-pr-helper"), "-k", socket, "-f", pid_file});
        EXPECT_EQ(process.wait(), 1);
        EXPECT_FALSE(exists(socket));
        return process.err();
    }

    TemporaryDirectory directory_;
    const std::string path_ = directory_ / "pid";
};

TEST_F(PidFile, HoldsTheDecimalPidAndANewline) {
    Daemon daemon({"-f", path_});
    EXPECT_EQ(read_file(path_), std::to_string(daemon.pid()) + "\n");
    EXPECT_EQ(mode_of(path_), 0600U);
}

TEST_F(PidFile, IsNotMadeWithoutBeingAskedFor) {
    Daemon daemon;
    EXPECT_FALSE(exists("/var/run/qemu-pr-helper.pid") &&
                 read_file("/var/run/qemu-pr-helper.pid") == std::to_string(daemon.pid()) + "\n");
}

TEST_F(PidFile, IsThereBeforeTheSocket) {
    for (int i = 0; i < 10; ++i) {
        Daemon daemon({"-f", path_});
        EXPECT_EQ(read_file(path_), std::to_string(daemon.pid()) + "\n");
        EXPECT_EQ(daemon.end(), 0);
    }
}

TEST_F(PidFile, IsRemovedAtTheEnd) {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        Daemon daemon({"-f", path_});
        EXPECT_EQ(daemon.end(signal), 0);
        EXPECT_FALSE(exists(path_));
    }
}

TEST_F(PidFile, KeepsASecondInstanceOut) {
    Daemon first({"-f", path_});
    EXPECT_EQ(refusal(path_), kLocked);
    EXPECT_EQ(read_file(path_), std::to_string(first.pid()) + "\n");
    EXPECT_EQ(first.ask(), kNoDevice);
}

TEST_F(PidFile, IsAskedBeforeTheSocketIsTouched) {
    Daemon first({"-f", path_});
    struct stat before {
    }, after{};
    ::lstat(first.socket().c_str(), &before);
    Process second({built("qemu-pr-helper"), "-k", first.socket(), "-f", path_});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_EQ(second.err(), kLocked);
    ::lstat(first.socket().c_str(), &after);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(first.ask(), kNoDevice);
}

TEST_F(PidFile, StaysLockedWhateverClientsDo) {
    write_file(path_, "");
    ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
    Daemon first({"-f", path_});
    // A descriptor of the file itself, which the daemon closes: a POSIX lock (fcntl(2), F_SETLK) would go.
    const Descriptor file(path_, O_RDONLY);
    RawClient client = first.connect();
    EXPECT_EQ(client.request(pr_in(0, 24), file.get())->brief(), kNoDevice);
    EXPECT_EQ(refusal(path_), kLocked);
}

TEST_F(PidFile, LockedByAProgramWithPosixLocksIsRespected) {
    const Descriptor file(path_, O_RDWR | O_CREAT);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    ASSERT_EQ(::fcntl(file.get(), F_SETLK, &lock), 0);
    EXPECT_EQ(refusal(path_), kLocked);
    EXPECT_TRUE(exists(path_));
}

TEST_F(PidFile, LeftBehindIsUsedAgain) {
    write_file(path_, "99999 and more than a pid\n");
    ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
    Daemon daemon({"-f", path_});
    EXPECT_EQ(read_file(path_), std::to_string(daemon.pid()) + "\n");
    EXPECT_EQ(mode_of(path_), 0644U) << "the mode of an existing file is kept";
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_FALSE(exists(path_));
}

TEST_F(PidFile, OfAKilledInstanceIsUsedAgain) {
    {
        Daemon killed({"-f", path_});
        EXPECT_EQ(killed.end(SIGKILL), 128 + SIGKILL);
    }
    EXPECT_TRUE(exists(path_));
    Daemon daemon({"-f", path_});
    EXPECT_EQ(read_file(path_), std::to_string(daemon.pid()) + "\n");
}

TEST_F(PidFile, NeverFollowsASymbolicLink) {
    const std::string target = directory_ / "target";
    write_file(target, "precious");
    for (const std::string& to : {target, directory_ / "nowhere"}) {
        ASSERT_EQ(::symlink(to.c_str(), path_.c_str()), 0);
        EXPECT_EQ(refusal(path_),
                  "qemu-pr-helper: Could not create '" + path_ + "': it is a symbolic link\n");
        EXPECT_TRUE(exists(path_));
        ::unlink(path_.c_str());
    }
    EXPECT_EQ(read_file(target), "precious");
    EXPECT_FALSE(exists(directory_ / "nowhere"));
}

TEST_F(PidFile, ThatIsAFifoIsRefusedWithoutWaiting) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(refusal(path_),
              "qemu-pr-helper: Could not create '" + path_ + "': No such device or address\n");
    const Descriptor reader(path_, O_RDONLY | O_NONBLOCK);  // now that somebody reads, it can be opened
    EXPECT_EQ(refusal(path_),
              "qemu-pr-helper: Could not create '" + path_ + "': it exists and is no regular file\n");
}

TEST_F(PidFile, ThatIsADirectoryOrADeviceIsRefused) {
    ASSERT_EQ(::mkdir(path_.c_str(), 0755), 0);
    EXPECT_EQ(refusal(path_), "qemu-pr-helper: Could not create '" + path_ + "': Is a directory\n");
    EXPECT_EQ(refusal("/dev/null"),
              "qemu-pr-helper: Could not create '/dev/null': it exists and is no regular file\n");
    EXPECT_TRUE(exists("/dev/null"));
}

TEST_F(PidFile, ReplacedBySomebodyElseIsNotRemovedAtTheEnd) {
    Daemon daemon({"-f", path_});
    ASSERT_EQ(::rename(path_.c_str(), (directory_ / "moved").c_str()), 0);
    write_file(path_, "somebody else's");
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(read_file(path_), "somebody else's");
}

TEST_F(PidFile, RelativeMeansTheStartingDirectory) {
    ProcessOptions options;
    const std::string start = directory_.path();
    options.before_exec = [start] {
        if (::chdir(start.c_str()) != 0) ::_exit(125);
    };
    Daemon daemon({"-f", "relative.pid"}, options);
    EXPECT_EQ(read_file(directory_ / "relative.pid"), std::to_string(daemon.pid()) + "\n");
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_FALSE(exists(directory_ / "relative.pid"));
}

}  // namespace
}  // namespace prh::test
