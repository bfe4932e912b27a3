// SPDX-License-Identifier: MIT
// Who begins something has to complete it in time; who begins nothing may stay as long as he likes.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "support/daemon.h"

namespace prh::test {
namespace {

class Deadlines : public ::testing::Test {
  protected:
    /// The connection is closed, with one line that says why.
    void expect_closed_with_a_line(RawClient& client) {
        EXPECT_TRUE(client.closed_by_peer());
        EXPECT_TRUE(daemon_.process().err_contains("Closing a connection that kept us waiting"));
        EXPECT_EQ(lines(), 1);
        EXPECT_EQ(daemon_.ask(), kNoDevice);
    }
    int lines() {
        const std::string err = daemon_.process().err();
        int count = 0;
        for (std::size_t at = 0; (at = err.find("kept us waiting", at)) != std::string::npos; ++at) ++count;
        return count;
    }

    Daemon daemon_{{"--request-timeout=1"}};
};

TEST_F(Deadlines, ForTheHandshake) {
    RawClient client;
    ASSERT_TRUE(client.connect(daemon_.socket()));
    ASSERT_TRUE(client.read_bytes(4));
    expect_closed_with_a_line(client);
}

TEST_F(Deadlines, ForHalfAHandshake) {
    RawClient client;
    ASSERT_TRUE(client.connect(daemon_.socket()));
    ASSERT_TRUE(client.read_bytes(4));
    ASSERT_TRUE(client.send_bytes(Bytes(2)));
    expect_closed_with_a_line(client);
}

TEST_F(Deadlines, ForHalfACommand) {
    RawClient client = daemon_.connect();
    EXPECT_EQ(ask(client), kNoDevice);
    ASSERT_TRUE(client.send_bytes(Bytes(15), {null_device()}));
    const std::size_t with_descriptor = open_descriptors(daemon_.pid());
    expect_closed_with_a_line(client);
    EXPECT_TRUE(eventually([&] { return open_descriptors(daemon_.pid()) < with_descriptor; }));
}

TEST_F(Deadlines, ForTheParameterList) {
    RawClient client = daemon_.connect();
    ASSERT_TRUE(client.send_request(pr_out(0, 0), null_device()));
    ASSERT_TRUE(client.send_bytes(Bytes(23)));
    expect_closed_with_a_line(client);
}

TEST_F(Deadlines, AreNotMovedByDroppingInByteByByte) {
    RawClient client = daemon_.connect();
    int sent = 0;
    bool closed = false;
    for (; sent < 16 && !closed; ++sent) {
        client.send_bytes(Bytes(1), {});
        pollfd end{client.fd(), POLLIN, 0};
        closed = ::poll(&end, 1, 400) == 1;
    }
    EXPECT_TRUE(closed) << "a command may take its time as long as something comes";
    EXPECT_EQ(lines(), 1);
}

TEST_F(Deadlines, ForTakingReplies) {
    RawClient deaf = daemon_.connect();
    const timeval patience{0, 100'000};
    ::setsockopt(deaf.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    RawClient other = daemon_.connect();
    bool gone = false;
    EXPECT_TRUE(eventually([&] {
        for (int i = 0; i < 50 && !gone; ++i)
            gone = !deaf.send_request(pr_in(0, 24), null_device()) && errno == EPIPE;
        EXPECT_EQ(ask(other), kNoDevice) << "it costs somebody else";
        return gone;
    }));
    EXPECT_EQ(lines(), 1);
    EXPECT_EQ(daemon_.end(), 0);
}

TEST_F(Deadlines, AreNotForIdleConnections) {
    RawClient used = daemon_.connect();
    RawClient unused = daemon_.connect();
    EXPECT_EQ(ask(used), kNoDevice);
    RawClient later;  // has a deadline: when it has passed, the idle ones have been there for longer
    ASSERT_TRUE(later.connect(daemon_.socket()));
    ASSERT_TRUE(later.read_bytes(4));
    expect_closed_with_a_line(later);
    EXPECT_EQ(ask(used), kNoDevice);
    EXPECT_EQ(ask(unused), kNoDevice);
    EXPECT_EQ(lines(), 1);
}

TEST_F(Deadlines, OfManyAtOnceAreAllKept) {
    std::vector<RawClient> clients(200);
    for (std::size_t i = 0; i < clients.size(); ++i) {
        ASSERT_TRUE(clients[i].connect(daemon_.socket()));
        ASSERT_TRUE(clients[i].read_bytes(4));
        // every fourth completes its handshake and is idle then; the others say nothing, too little or too
        // much
        ASSERT_TRUE(clients[i].send_bytes(Bytes(i % 4 == 0 ? 4 : i % 7 == 4 ? 5 : i % 4), {}));
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
        if (i % 4 == 0)
            EXPECT_EQ(ask(clients[i]), kNoDevice) << i;
        else
            EXPECT_TRUE(clients[i].closed_by_peer()) << i;
    }
}

}  // namespace
}  // namespace prh::test
