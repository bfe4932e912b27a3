// SPDX-License-Identifier: MIT
// A client is a process, and not a number.
#include <gtest/gtest.h>

#include <optional>

#include "server/peers.h"
#include "support/listening_socket.h"
#include "support/other_process.h"

namespace prh::test {
namespace {

PeerProcess with_inode(std::uint64_t inode, pid_t pid, uid_t uid = 107) {
    return {{pid, uid, uid}, inode, 0, nullptr};
}
PeerProcess with_number(pid_t pid, uid_t uid = 107) { return with_inode(0, pid, uid); }

TEST(Peers, AProcessIsOneClientWithAllItsConnections) {
    Peers peers;
    const auto first = peers.enter(with_inode(1, 42)), second = peers.enter(with_inode(1, 42));
    EXPECT_TRUE(first.newcomer);
    EXPECT_FALSE(second.newcomer);
    EXPECT_EQ(first.peer, second.peer);
    EXPECT_FALSE(peers.leave(*first.peer));
    EXPECT_TRUE(peers.leave(*first.peer));
    EXPECT_TRUE(peers.all().empty());
    EXPECT_TRUE(peers.enter(with_inode(1, 42)).newcomer);
}

TEST(Peers, AReusedNumberIsAnotherClient) {
    Peers peers;
    const auto gone = peers.enter(with_inode(1, 42)), now = peers.enter(with_inode(2, 42));
    EXPECT_NE(gone.peer, now.peer);
    EXPECT_NE(gone.peer->identity()->source(), now.peer->identity()->source());
    EXPECT_EQ(peers.all().size(), 2U);
}

TEST(Peers, InAnotherPidNamespaceAreToldApart) {
    Peers peers;
    const auto one = peers.enter(with_inode(1, 0)), again = peers.enter(with_inode(1, 0)),
               other = peers.enter(with_inode(2, 0));
    EXPECT_EQ(one.peer, again.peer);
    EXPECT_NE(one.peer, other.peer);
}

TEST(Peers, ThatChangedTheirUserAreCountedWithBoth) {
    Peers peers;
    const auto one = peers.enter(with_inode(1, 42, 0)), other = peers.enter(with_inode(1, 42, 107));
    EXPECT_NE(one.peer, other.peer);
    EXPECT_EQ(peers.connections_of_user(0), 1U);
    peers.leave(*one.peer);
    EXPECT_EQ(peers.connections_of_user(0), 0U);
    EXPECT_EQ(peers.connections_of_user(107), 1U);
}

TEST(Peers, OfAKernelWithoutPidfdsAreKnownByTheirNumbers) {
    Peers peers;
    const auto one = peers.enter(with_number(42)), again = peers.enter(with_number(42));
    EXPECT_EQ(one.peer, again.peer);
    EXPECT_NE(peers.enter(with_number(42, 0)).peer, one.peer) << "another user's";
    EXPECT_NE(peers.enter(with_number(0)).peer, peers.enter(with_number(0)).peer) << "of another namespace";
    EXPECT_NE(peers.enter(with_inode(42, 42)).peer, one.peer);
    EXPECT_EQ(peers.all().size(), 5U) << "those that wait are to be found, whoever they are";
}

/// Linux 6.5 to 6.8: every pidfd has the same inode.
class PeersWithoutInodes : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!pidfd_support().peers) GTEST_SKIP() << "the kernel has no SO_PEERPIDFD";
        listener_ = listening_socket(directory_ / "socket");
    }
    std::shared_ptr<Peer> enter(OtherProcess& process) {
        const RawClient client = process.connect(directory_ / "socket");
        const UniqueFd socket = accept_client(FdRef(listener_.get()));
        return peers_.enter(peer_process(socket.ref(), {true, false, false})).peer;
    }

    TemporaryDirectory directory_;
    Descriptor listener_;
    Peers peers_;
};

TEST_F(PeersWithoutInodes, AProcessIsOneClientAsLongAsItRuns) {
    std::optional<OtherProcess> process(std::in_place);
    const pid_t number = process->pid();
    const auto one = enter(*process), again = enter(*process);
    EXPECT_EQ(one, again);
    process.reset();
    OtherProcess next([] {}, number);
    ASSERT_EQ(next.pid(), number);
    const auto other = enter(next);
    EXPECT_NE(other, one) << "another process has its number";
    EXPECT_EQ(enter(next), other);
    EXPECT_FALSE(peers_.leave(*one)) << "the first one's second connection";
    EXPECT_TRUE(peers_.leave(*one));
    EXPECT_EQ(enter(next), other) << "and the end of the first one is not that of the other";
}

}  // namespace
}  // namespace prh::test
