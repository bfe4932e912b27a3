// SPDX-License-Identifier: MIT
// The pid file: whom it keeps out, what it refuses to write to, and when it goes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/pid_file.h"
#include "support/child_process.h"
#include "support/process.h"

namespace prh::test {
namespace {

class PidFileTest : public ::testing::Test {
  protected:
    std::string refusal(const std::string& path) const {
        const auto file = PidFile::create(path);
        return file ? "created" : file.error().message;
    }
    std::string could_not(const std::string& why) const { return "Could not create '" + path_ + "': " + why; }
    mode_t mode() const {
        struct stat status {};
        ::lstat(path_.c_str(), &status);
        return status.st_mode & 07777U;
    }

    TemporaryDirectory directory_;
    const std::string path_ = directory_ / "pid";
    const std::string ours_ = std::to_string(::getpid()) + "\n";
};

TEST_F(PidFileTest, HoldsThePidAndIsRemovedAtTheEnd) {
    {
        const auto file = PidFile::create(path_);
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(read_file(path_), ours_);
        EXPECT_EQ(mode(), 0600U);
    }
    EXPECT_FALSE(exists(path_));
}

TEST_F(PidFileTest, MovedIsRemovedByTheNewOwnerAlone) {
    auto file = PidFile::create(path_);
    ASSERT_TRUE(file);
    {
        const PidFile owner(std::move(*file));
        file = fail("");
        EXPECT_TRUE(exists(path_));
    }
    EXPECT_FALSE(exists(path_));
}

TEST_F(PidFileTest, LockedKeepsASecondOutOfThisProcessAndOfAnother) {
    const auto file = PidFile::create(path_);
    ASSERT_TRUE(file);
    const std::string locked = "Cannot lock pid file: Resource temporarily unavailable";
    EXPECT_EQ(refusal(path_), locked);
    EXPECT_EQ(in_child([this] { return refusal(path_); }), locked);
    EXPECT_EQ(read_file(path_), ours_);
    { const Descriptor other(path_, O_RDWR); }  // a lock of the process would go with it (fcntl(2))
    EXPECT_EQ(in_child([this] { return refusal(path_); }), locked);
}

TEST_F(PidFileTest, KeepsOutProgramsThatLockByProcess) {
    const auto file = PidFile::create(path_);
    ASSERT_TRUE(file);
    EXPECT_EQ(in_child([this] {
                  const Descriptor other(path_, O_RDWR);
                  struct flock lock {};
                  lock.l_type = F_WRLCK;
                  lock.l_whence = SEEK_SET;
                  return std::string(::fcntl(other.get(), F_SETLK, &lock) == 0 ? "locked" : "kept out");
              }),
              "kept out");
}

TEST_F(PidFileTest, LeftBehindIsUsedAgainAndKeepsItsMode) {
    write_file(path_, "12345678 and more than a pid\n");
    ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
    const auto file = PidFile::create(path_);
    ASSERT_TRUE(file);
    EXPECT_EQ(read_file(path_), ours_);
    EXPECT_EQ(mode(), 0644U);
}

TEST_F(PidFileTest, NeverFollowsASymbolicLink) {
    const std::string target = directory_ / "target";
    write_file(target, "precious");
    for (const std::string& to : {target, directory_ / "nowhere"}) {
        ASSERT_EQ(::symlink(to.c_str(), path_.c_str()), 0);
        EXPECT_EQ(refusal(path_), could_not("it is a symbolic link"));
        ASSERT_EQ(::unlink(path_.c_str()), 0) << "it is left there";
    }
    EXPECT_EQ(read_file(target), "precious");
    EXPECT_FALSE(exists(directory_ / "nowhere"));
}

TEST_F(PidFileTest, AFifoIsRefusedWithoutWaiting) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(in_child([this] { return refusal(path_); }), could_not("No such device or address"));
    const Descriptor reader(path_, O_RDONLY | O_NONBLOCK);
    EXPECT_EQ(in_child([this] { return refusal(path_); }), could_not("it exists and is no regular file"));
    EXPECT_TRUE(exists(path_));
}

TEST_F(PidFileTest, ADirectoryOrADeviceIsRefused) {
    ASSERT_EQ(::mkdir(path_.c_str(), 0755), 0);
    EXPECT_EQ(refusal(path_), could_not("Is a directory"));
    EXPECT_EQ(refusal("/dev/null"), "Could not create '/dev/null': it exists and is no regular file");
    EXPECT_TRUE(exists("/dev/null"));
}

TEST_F(PidFileTest, ADirectoryThatIsNotThereIsAnError) {
    const std::string path = directory_ / "missing/pid";
    EXPECT_EQ(refusal(path), "Could not create '" + path + "': No such file or directory");
}

TEST_F(PidFileTest, ReplacedBySomebodyElseIsKept) {
    {
        const auto file = PidFile::create(path_);
        ASSERT_TRUE(file);
        ASSERT_EQ(::rename(path_.c_str(), (directory_ / "moved").c_str()), 0);
        write_file(path_, "somebody else's");
    }
    EXPECT_EQ(read_file(path_), "somebody else's");
    EXPECT_TRUE(exists(directory_ / "moved"));
}

TEST_F(PidFileTest, RemovedByAnotherHandIsNoMatter) {
    {
        const auto file = PidFile::create(path_);
        ASSERT_TRUE(file);
        ASSERT_EQ(::unlink(path_.c_str()), 0);
    }
    EXPECT_FALSE(exists(path_));
    EXPECT_EQ(refusal(path_), "created");
}

TEST_F(PidFileTest, ARelativePathMeansTheDirectoryAtTheStart) {
    EXPECT_EQ(in_child([this] {
                  if (::chdir(directory_.path().c_str()) != 0) return std::string("no directory");
                  const auto file = PidFile::create("pid");
                  const bool there = exists(path_);
                  return std::string(there && ::chdir("/") == 0 ? "there" : "not there");
              }),
              "there");
    EXPECT_FALSE(exists(path_)) << "it is removed from where it was made";
}

}  // namespace
}  // namespace prh::test
