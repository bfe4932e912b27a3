// SPDX-License-Identifier: MIT
// The socket at the given path: when it appears, whose it is, and when it goes.
#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/listening_socket.h"

namespace prh::test {
namespace {

struct stat status_of(const std::string& path) {
    struct stat status {};
    ::lstat(path.c_str(), &status);
    return status;
}

std::string refusal(const std::string& path) {
    Process process({built("qemu-pr-helper"), "-k", path});
    EXPECT_EQ(process.wait(), 1);
    return process.err();
}

TEST(Socket, AppearsOnlyWhenItCanBeServed) {
    TemporaryDirectory directory;
    for (int start = 0; start < (kSanitized ? 15 : 100); ++start) {
        const std::string socket = directory / std::to_string(start);
        Process process({built("qemu-pr-helper"), "-k", socket});
        RawClient client;
        bool connected = false;
        EXPECT_TRUE(eventually([&] {
            for (int tries = 0; tries < 1000; ++tries)  // as tightly as possible
                if ((connected = client.connect(socket)) || errno != ENOENT) return true;
            return !process.running();
        }));
        ASSERT_TRUE(connected) << "the path was there and refused: " << std::strerror(errno);
        ASSERT_TRUE(client.handshake());
        EXPECT_EQ(ask(client), kNoDevice);
        process.signal(SIGTERM);
        EXPECT_EQ(process.wait(), 0);
        EXPECT_FALSE(exists(socket));
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(Socket, OfALiveInstanceIsNotTaken) {
    Daemon first;
    RawClient client = first.connect();
    const ino_t inode = status_of(first.socket()).st_ino;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(refusal(first.socket()),
                  "qemu-pr-helper: Failed to bind socket to " + first.socket() +
                      ": another process is listening there; stop it or choose another path\n");
    EXPECT_EQ(status_of(first.socket()).st_ino, inode);
    EXPECT_EQ(ask(client), kNoDevice);
    EXPECT_EQ(first.ask(), kNoDevice);
}

TEST(Socket, OfAnotherKindThatIsAliveIsNotTaken) {
    TemporaryDirectory directory;
    const std::string path = directory / "log";
    const Descriptor log = bound_socket(path, SOCK_DGRAM);
    EXPECT_EQ(refusal(path), "qemu-pr-helper: Failed to bind socket to " + path +
                                 ": it is in use: Protocol wrong type for socket\n");
    EXPECT_TRUE(exists(path));
}

TEST(Socket, WhoseBacklogIsFullIsNotTaken) {
    TemporaryDirectory directory;
    const std::string path = directory / "busy";
    const Descriptor listener = listening_socket(path, 0);
    RawClient waiting;
    ASSERT_TRUE(waiting.connect(path));
    EXPECT_NE(refusal(path).find("another process is listening there"), std::string::npos);
    EXPECT_TRUE(exists(path));
}

TEST(Socket, LeftBehindIsReplaced) {
    TemporaryDirectory directory;
    const std::string path = directory / "socket";
    bound_socket(path).close();
    Process process({built("qemu-pr-helper"), "-k", path});
    EXPECT_TRUE(eventually([&] { return ask(path) == kNoDevice; }));
    EXPECT_EQ(process.err().find("Failed"), std::string::npos) << process.err();
}

TEST(Socket, OfAKilledInstanceIsReplaced) {
    TemporaryDirectory directory;
    const std::string path = directory / "socket";
    {
        Process killed({built("qemu-pr-helper"), "-k", path});
        ASSERT_TRUE(eventually([&] { return exists(path); }));
    }
    ASSERT_TRUE(exists(path));
    Process process({built("qemu-pr-helper"), "-k", path});
    EXPECT_TRUE(eventually([&] { return ask(path) == kNoDevice; }));
}

TEST(Socket, NeverReplacesWhatIsNoSocket) {
    TemporaryDirectory directory;
    const std::string file = directory / "file", link = directory / "link", dangling = directory / "dangling",
                      folder = directory / "folder", fifo = directory / "fifo";
    write_file(file, "precious");
    ASSERT_EQ(::symlink(file.c_str(), link.c_str()), 0);
    ASSERT_EQ(::symlink("nowhere", dangling.c_str()), 0);
    ASSERT_EQ(::mkdir(folder.c_str(), 0755), 0);
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    for (const std::string& path : {file, link, dangling, fifo}) {
        EXPECT_EQ(refusal(path), "qemu-pr-helper: Failed to bind socket to " + path +
                                     ": it exists and is no socket; remove it or choose another path\n");
        EXPECT_TRUE(exists(path));
    }
    EXPECT_EQ(refusal(folder), "qemu-pr-helper: Failed to unlink socket " + folder + ": Is a directory\n");
    EXPECT_EQ(read_file(file), "precious");
    EXPECT_TRUE(S_ISLNK(status_of(link).st_mode));
}

TEST(Socket, PathOfExactly108BytesWorks) {
    // 96..108: the temporary name beside it fits no more at some point
    for (std::size_t length = 96; length <= 108; ++length) {
        TemporaryDirectory directory;
        const std::string path = directory / std::string(length - directory.path().size() - 1, 's');
        ASSERT_EQ(path.size(), length);
        Process process({built("qemu-pr-helper"), "-k", path});
        EXPECT_TRUE(eventually([&] { return ask(path) == kNoDevice || !process.running(); }));
        process.signal(SIGTERM);
        EXPECT_EQ(process.wait(), 0) << length << ": " << process.err();
        EXPECT_TRUE(std::filesystem::is_empty(directory.path())) << length;
    }
}

TEST(Socket, OfTwoSimultaneousStartsExactlyOneWins) {
    for (int round = 0; round < (kSanitized ? 5 : 25); ++round) {
        TemporaryDirectory directory;
        const std::string path = directory / "socket";
        Process one({built("qemu-pr-helper"), "-k", path});
        Process other({built("qemu-pr-helper"), "-k", path});
        ASSERT_TRUE(eventually([&] { return !one.running() || !other.running(); }));
        Process& loser = one.running() ? other : one;
        Process& winner = one.running() ? one : other;
        EXPECT_EQ(loser.wait(), 1);
        EXPECT_NE(loser.err().find("another process is listening there"), std::string::npos) << loser.err();
        ASSERT_TRUE(winner.running());
        EXPECT_EQ(ask(path), kNoDevice);
        winner.signal(SIGTERM);
        EXPECT_EQ(winner.wait(), 0);
        EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
    }
}

TEST(Socket, SomebodyWhoLocksTheDirectoryCannotStopTheStart) {
    TemporaryDirectory directory;
    const Descriptor lock(directory.path(), O_RDONLY | O_DIRECTORY);
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    const std::string path = directory / "socket";
    Process process({built("qemu-pr-helper"), "-k", path});
    EXPECT_TRUE(eventually([&] { return ask(path) == kNoDevice; }));
}

TEST(Socket, HasTheModeThatTheUmaskLeaves) {
    for (const mode_t mask : {022U, 077U, 0U, 0117U}) {
        ProcessOptions options;
        options.before_exec = [mask] { ::umask(mask); };
        Daemon daemon({}, options);
        EXPECT_EQ(status_of(daemon.socket()).st_mode & 07777U, 0777U & ~mask);
    }
}

TEST(Socket, HasTheModeAndTheGroupAskedFor) {
    ProcessOptions options;
    options.before_exec = [] { ::umask(077); };
    Daemon daemon({"--socket-mode=0660", "--socket-group=4242"}, options);
    const auto status = status_of(daemon.socket());
    EXPECT_EQ(status.st_mode & 07777U, 0660U);
    EXPECT_EQ(status.st_gid, 4242U);
    EXPECT_EQ(status.st_uid, 0U);

    const group* const named = ::getgrnam("nogroup");
    ASSERT_NE(named, nullptr);
    Daemon with_name({"--socket-group=nogroup", "-u", "nobody"});
    EXPECT_EQ(status_of(with_name.socket()).st_gid, named->gr_gid);
    EXPECT_EQ(with_name.ask(), kNoDevice);
}

TEST(Socket, IsLeftAloneFromItsAppearanceToTheEnd) {
    Daemon daemon;
    const auto first = status_of(daemon.socket());
    for (int i = 0; i < 20; ++i) EXPECT_EQ(daemon.ask(), kNoDevice);
    // What libvirt and KubeVirt do as soon as it is there:
    ASSERT_EQ(::chown(daemon.socket().c_str(), 107, 107), 0);
    ASSERT_EQ(::chmod(daemon.socket().c_str(), 0640), 0);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(daemon.ask(), kNoDevice);
    const auto last = status_of(daemon.socket());
    EXPECT_EQ(last.st_ino, first.st_ino);
    EXPECT_EQ(last.st_mode & 07777U, 0640U);
    EXPECT_EQ(last.st_uid, 107U);
    EXPECT_EQ(last.st_gid, 107U);
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_FALSE(exists(daemon.socket()));
    EXPECT_TRUE(std::filesystem::is_empty(daemon.directory().path()));
}

TEST(Socket, ReplacedBySomebodyElseIsNotRemovedAtTheEnd) {
    Daemon daemon;
    ASSERT_EQ(::unlink(daemon.socket().c_str()), 0);
    const Descriptor others = listening_socket(daemon.socket());
    EXPECT_EQ(daemon.end(), 0);
    RawClient client;
    EXPECT_TRUE(client.connect(daemon.socket()));
}

TEST(Socket, GoneAlreadyIsNoErrorAtTheEnd) {
    Daemon daemon;
    ASSERT_EQ(::unlink(daemon.socket().c_str()), 0);
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(daemon.process().err(), "");
}

TEST(Socket, ThatMayNotBeRemovedIsNamedAtTheEnd) {
    Daemon daemon({"-u", "nobody"});  // the directory is root's
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(daemon.process().err(),
              "qemu-pr-helper: Failed to unlink socket " + daemon.socket() + ": Permission denied\n");
}

}  // namespace
}  // namespace prh::test
