// SPDX-License-Identifier: MIT
// Processes at the other end of sockets, told apart by the real kernel.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <optional>

#include "os/pidfd.h"
#include "support/listening_socket.h"
#include "support/other_process.h"
#include "support/process.h"

namespace prh::test {
namespace {

class PeerProcessTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!support_.peers) GTEST_SKIP() << "the kernel has no SO_PEERPIDFD";
        listener_ = listening_socket(directory_ / "socket");
    }
    PeerProcess accept() {
        const UniqueFd socket = accept_client(FdRef(listener_.get()));
        EXPECT_TRUE(socket.valid());
        return peer_process(socket.ref(), support_);
    }

    const PidfdSupport support_ = pidfd_support();
    TemporaryDirectory directory_;
    Descriptor listener_;
};

TEST_F(PeerProcessTest, IsTheSameForEachOfItsConnections) {
    OtherProcess one, other;
    const RawClient clients[] = {one.connect(directory_ / "socket"), one.connect(directory_ / "socket"),
                                 other.connect(directory_ / "socket")};
    const PeerProcess first = accept(), second = accept(), third = accept();
    EXPECT_EQ(first.credentials.pid, one.pid());
    EXPECT_EQ(third.credentials.pid, other.pid());
    EXPECT_EQ(first.inode, second.inode);
    EXPECT_EQ(first.control_group, second.control_group);
    EXPECT_EQ(first.control_group != 0, support_.control_groups);
    EXPECT_EQ(first.inode != 0, support_.unique_inodes);
    EXPECT_EQ(first.inode != third.inode, support_.unique_inodes);
}

TEST_F(PeerProcessTest, IsSeenToEnd) {
    std::optional<OtherProcess> process(std::in_place);
    const RawClient client = process->connect(directory_ / "socket");
    const PeerProcess peer = accept();
    ASSERT_TRUE(peer.pidfd);
    EXPECT_FALSE(has_ended(peer.pidfd->ref()));
    process.reset();
    EXPECT_TRUE(has_ended(peer.pidfd->ref()));
}

TEST_F(PeerProcessTest, OnAnOlderKernelIsANumberAndNothingElse) {
    OtherProcess process;
    const RawClient connected = process.connect(directory_ / "socket");
    const UniqueFd socket = accept_client(FdRef(listener_.get()));
    const PeerProcess peer = peer_process(socket.ref(), {});
    EXPECT_EQ(peer.credentials.pid, process.pid());
    EXPECT_EQ(peer.inode, 0U);
    EXPECT_EQ(peer.control_group, 0U);
    EXPECT_FALSE(peer.pidfd);
}

}  // namespace
}  // namespace prh::test
