// SPDX-License-Identifier: MIT
// The listening socket at its path: when it appears, whom it may replace, and when it goes.
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "os/published_socket.h"
#include "support/child_process.h"
#include "support/environment.h"
#include "support/process.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path));
    return address;
}

/// A socket of somebody else's at the path.
Descriptor bound(const std::string& path, int type = SOCK_STREAM) {
    Descriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(path);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return socket;
}

struct stat status_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status;
}

class PublishedSocketTest : public ::testing::Test {
  protected:
    /// A connection, or what connect(2) said.
    Descriptor connect_to(const std::string& path, int* error = nullptr) const {
        Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const sockaddr_un address = address_of(path);
        const int result =
            ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        if (error != nullptr) *error = result == 0 ? 0 : errno;
        return client;
    }
    int connect_error(const std::string& path) const {
        int error = 0;
        connect_to(path, &error);
        return error;
    }
    std::string refusal(const std::string& path) const {
        const auto published = PublishedSocket::publish(path, {});
        return published ? "published" : published.error().message;
    }
    std::size_t files() const {
        const std::filesystem::directory_iterator begin(directory_.path());
        return static_cast<std::size_t>(std::distance(begin, {}));
    }
    std::string path_of_length(std::size_t length) const {
        return directory_ / std::string(length - directory_.path().size() - 1, 'x');
    }

    TemporaryDirectory directory_;
    const std::string path_ = directory_ / "socket";
};

TEST_F(PublishedSocketTest, TakesConnectionsAndIsRemovedAtItsEnd) {
    {
        const auto published = PublishedSocket::publish(path_, {});
        ASSERT_TRUE(published) << published.error().message;
        EXPECT_EQ(connect_error(path_), 0);
        EXPECT_EQ(files(), 1U) << "no temporary name is left";
        EXPECT_EQ(::fcntl(published->listener().get(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
        EXPECT_EQ(::fcntl(published->listener().get(), F_GETFD), FD_CLOEXEC);
    }
    EXPECT_EQ(files(), 0U);
}

TEST_F(PublishedSocketTest, MovedIsRemovedByTheNewOwnerAlone) {
    auto published = PublishedSocket::publish(path_, {});
    ASSERT_TRUE(published);
    {
        const PublishedSocket owner(std::move(*published));
        published = fail("");
        EXPECT_EQ(connect_error(path_), 0);
    }
    EXPECT_FALSE(exists(path_));
}

TEST_F(PublishedSocketTest, ASocketWhoseServerHasGoneIsReplaced) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
        bound(path_, type).close();
        EXPECT_EQ(connect_error(path_), ECONNREFUSED);
        const auto published = PublishedSocket::publish(path_, {});
        ASSERT_TRUE(published) << published.error().message;
        EXPECT_EQ(connect_error(path_), 0);
    }
}

TEST_F(PublishedSocketTest, ASocketWhoseServerIsAliveIsNot) {
    const Descriptor other = bound(path_);
    ASSERT_EQ(::listen(other.get(), 1), 0);
    const std::string in_use = "Failed to bind socket to " + path_ +
                               ": another process is listening there; stop it or choose another path";
    EXPECT_EQ(refusal(path_), in_use);
    const auto first = connect_to(path_), second = connect_to(path_);  // its backlog may be full by now
    EXPECT_EQ(refusal(path_), in_use);
    EXPECT_EQ(files(), 1U);
    EXPECT_EQ(::accept(other.get(), nullptr, nullptr) >= 0, true) << "it is still the one at the path";
}

TEST_F(PublishedSocketTest, OurOwnKeepsASecondOut) {
    const auto first = PublishedSocket::publish(path_, {});
    ASSERT_TRUE(first);
    const ino_t inode = status_of(path_).st_ino;
    EXPECT_NE(refusal(path_).find("another process is listening there"), std::string::npos);
    EXPECT_EQ(status_of(path_).st_ino, inode);
}

TEST_F(PublishedSocketTest, ALiveDatagramSocketIsNotReplaced) {
    const Descriptor other = bound(path_, SOCK_DGRAM);
    EXPECT_EQ(refusal(path_),
              "Failed to bind socket to " + path_ + ": it is in use: Protocol wrong type for socket");
    EXPECT_TRUE(exists(path_));
}

TEST_F(PublishedSocketTest, WhatIsNoSocketIsLeftAlone) {
    const std::string no_socket = "Failed to bind socket to " + path_ +
                                  ": it exists and is no socket; remove it or choose another path";
    write_file(path_, "precious");
    EXPECT_EQ(refusal(path_), no_socket);
    EXPECT_EQ(read_file(path_), "precious");
    ::unlink(path_.c_str());
    ASSERT_EQ(::symlink("elsewhere", path_.c_str()), 0);
    EXPECT_EQ(refusal(path_), no_socket);
    ::unlink(path_.c_str());
    ASSERT_EQ(::mkdir(path_.c_str(), 0755), 0);
    EXPECT_EQ(refusal(path_), "Failed to unlink socket " + path_ + ": Is a directory");
    EXPECT_EQ(files(), 1U);
}

TEST_F(PublishedSocketTest, ADirectoryThatIsNotThereIsAnError) {
    const std::string path = directory_ / "missing/socket";
    EXPECT_EQ(refusal(path), "Failed to bind socket to " + path + ": No such file or directory");
    write_file(directory_ / "file", "");
    EXPECT_EQ(refusal(directory_ / "file/socket"),
              "Failed to bind socket to " + directory_.path() + "/file/socket: Not a directory");
}

TEST_F(PublishedSocketTest, APathMayHave108Bytes) {
    for (const std::size_t length : {90U, 100U, 101U, 104U, 107U, 108U}) {
        const std::string path = path_of_length(length);
        ASSERT_EQ(path.size(), length);
        for (int round = 0; round < 2; ++round) {
            const auto published = PublishedSocket::publish(path, {});
            ASSERT_TRUE(published) << length << ": " << published.error().message;
            EXPECT_EQ(connect_error(path), 0) << length;
            EXPECT_EQ(files(), 1U) << length;
            EXPECT_NE(refusal(path), "published") << length;
        }
        bound(path).close();
        EXPECT_EQ(refusal(path), "published") << length << ": a stale one is replaced";
        EXPECT_EQ(files(), 0U) << length;
    }
}

TEST_F(PublishedSocketTest, APathOf109BytesIsTooLong) {
    const std::string path = path_of_length(109);
    EXPECT_EQ(refusal(path), "UNIX socket path '" + path + "' is too long\nPath must be less than 108 bytes");
    EXPECT_EQ(files(), 0U);
}

TEST_F(PublishedSocketTest, TheModeIsTheUmasksOrTheOneThatWasAskedFor) {
    for (const mode_t mask : {0022U, 0077U, 0000U}) {
        const mode_t before = ::umask(mask);
        const auto published = PublishedSocket::publish(path_, {});
        const auto other = PublishedSocket::publish(directory_ / "other", {.mode = 0666, .group = {}});
        ::umask(before);
        ASSERT_TRUE(published && other);
        EXPECT_EQ(status_of(path_).st_mode & 07777U, 0777U & ~mask);
        EXPECT_EQ(status_of(directory_ / "other").st_mode & 07777U, 0666U) << "whatever the umask is";
    }
    const auto none = PublishedSocket::publish(path_, {.mode = 0, .group = {}});
    ASSERT_TRUE(none);
    EXPECT_EQ(status_of(path_).st_mode & 07777U, 0U);
}

TEST_F(PublishedSocketTest, TheGroupIsTheOneThatWasAskedFor) {
    if (::geteuid() != 0) PRH_CANNOT_RUN("only root gives files away");
    const auto published = PublishedSocket::publish(path_, {.mode = 0660, .group = 12345});
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(status_of(path_).st_gid, 12345U);
    EXPECT_EQ(status_of(path_).st_uid, ::geteuid());
    EXPECT_EQ(status_of(path_).st_mode & 07777U, 0660U);
}

TEST_F(PublishedSocketTest, AGroupThatWeMayNotGiveIsAnErrorAndNothingIsLeft) {
    if (::geteuid() != 0) PRH_CANNOT_RUN("only root can become nobody");
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
    EXPECT_EQ(in_child([this] {
                  become_nobody();
                  const auto published = PublishedSocket::publish(path_, {.mode = {}, .group = 12345});
                  return published ? "published" : published.error().message;
              }),
              "Failed to give socket " + path_ + " to group 12345: Operation not permitted");
    EXPECT_EQ(files(), 0U);
}

TEST_F(PublishedSocketTest, WithdrawnIsGoneAndWhoWaitedToBeAcceptedHearsOfIt) {
    auto published = PublishedSocket::publish(path_, {});
    ASSERT_TRUE(published);
    const Descriptor waiting = connect_to(path_);
    EXPECT_TRUE(published->withdraw());
    EXPECT_FALSE(exists(path_));
    char byte;
    EXPECT_LE(::recv(waiting.get(), &byte, 1, MSG_DONTWAIT), 0);
    EXPECT_NE(errno, EAGAIN) << "it does not wait for the end of the process";
    EXPECT_TRUE(published->listener().valid());
    EXPECT_TRUE(published->withdraw()) << "twice is once";
}

TEST_F(PublishedSocketTest, WithdrawingKeepsWhatReplacedIt) {
    auto published = PublishedSocket::publish(path_, {});
    ASSERT_TRUE(published);
    ::unlink(path_.c_str());
    const Descriptor other = bound(path_);
    ASSERT_EQ(::listen(other.get(), 1), 0);
    EXPECT_TRUE(published->withdraw());
    EXPECT_EQ(connect_error(path_), 0);
}

TEST_F(PublishedSocketTest, WithdrawingWhatIsGoneAlreadyIsNoError) {
    auto published = PublishedSocket::publish(path_, {});
    ASSERT_TRUE(published);
    ::unlink(path_.c_str());
    EXPECT_TRUE(published->withdraw());
}

// A start that fails at the moment at which it is told to end.
TEST_F(PublishedSocketTest, ThePathIsGoneForEachOfTwoThreadsThatRemoveItAtOnce) {
    for (int turn = 0; turn < 200; ++turn) {
        auto published = PublishedSocket::publish(path_, {});
        ASSERT_TRUE(published);
        std::atomic<int> still_there = 0;
        const auto gone = [&] { still_there += ::access(path_.c_str(), F_OK) == 0; };
        std::thread ending([&] {
            EXPECT_TRUE(published->withdraw());
            gone();
        });
        EXPECT_TRUE(published->remove_path());
        gone();
        ending.join();
        ASSERT_EQ(still_there, 0);
    }
}

TEST_F(PublishedSocketTest, ADirectoryThatSomebodyKeepsLockedDelaysTheStartAndNoMore) {
    const Descriptor lock(directory_.path(), O_RDONLY | O_DIRECTORY);
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    EXPECT_EQ(in_child([this] { return refusal(path_); }), "published") << "kLongest at most";
}

}  // namespace
}  // namespace prh::test
