// SPDX-License-Identifier: MIT
// One client's conversation: who speaks first, in which order answers come, and when it ends.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/lingering_socket.h"
#include "support/refused_call.h"

namespace prh::test {
namespace {

TEST(Conversation, ServerSpeaksFirst) {
    Daemon daemon;
    RawClient client;
    ASSERT_TRUE(client.connect(daemon.socket()));
    EXPECT_EQ(client.read_bytes(4), (Bytes{0, 0, 0, 1}));
}

/// send(3), by either call that a C library makes of it.
void refuse_to_send() {
    refuse_call(SYS_sendto, EIO);
#ifdef SYS_send
    refuse_call(SYS_send, EIO);
#endif
}

TEST(Conversation, AClientThatCannotBeGreetedIsNotLeftWaiting) {
#ifdef __s390x__
    GTEST_SKIP() << "send is socketcall(2) here, and a filter would take the test's other socket calls too";
#endif
    ProcessOptions options;
    options.before_exec = refuse_to_send;
    Daemon daemon({}, options);
    RawClient client;
    ASSERT_TRUE(client.connect(daemon.socket()));
    EXPECT_TRUE(client.closed_by_peer());
    EXPECT_TRUE(daemon.process().err_contains("Unable to greet a client: Input/output error (connection "));
    EXPECT_EQ(daemon.end(), 0);
    const std::string said = daemon.process().err();
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
}

TEST(Conversation, ClientNeedNotWaitForIt) {
    Daemon daemon;
    RawClient client;
    ASSERT_TRUE(client.connect(daemon.socket()));
    ASSERT_TRUE(client.send_bytes(Bytes(4)));
    ASSERT_TRUE(client.send_request(pr_in(0, 24), null_device()));
    ASSERT_TRUE(client.read_bytes(4));
    EXPECT_EQ(client.read_reply()->brief(), kNoDevice);
}

TEST(Conversation, HandshakeMayComeByteByByte) {
    Daemon daemon;
    RawClient client;
    ASSERT_TRUE(client.connect(daemon.socket()));
    for (const std::uint8_t byte : Bytes{0, 0, 0, 1}) ASSERT_TRUE(client.send_bytes({byte}));
    ASSERT_TRUE(client.read_bytes(4));
    EXPECT_EQ(ask(client), kNoDevice);
}

TEST(Conversation, ReplyHasExactly104Bytes) {
    Daemon daemon;
    RawClient client = daemon.connect();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send_request(pr_in(0, 8192), null_device()));
        const auto reply = client.read_bytes(104);
        ASSERT_TRUE(reply);
        EXPECT_EQ(Bytes(reply->begin(), reply->begin() + 8), (Bytes{0, 0, 0, 2, 0, 0, 0, 0}));
        pollfd more{client.fd(), POLLIN, 0};
        EXPECT_EQ(::poll(&more, 1, 20), 0) << "more than a reply";
    }
}

TEST(Conversation, RequestsSentAheadAreAnsweredInTheirOrder) {
    Daemon daemon;
    const Descriptor read_only("/dev/null", O_RDONLY);
    RawClient client = daemon.connect();
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(client.send_request(pr_in(0, 24), null_device()));
        ASSERT_TRUE(client.send_request(pr_out(0, 0), read_only.get(), key_list(1, 2)));
        ASSERT_TRUE(client.send_request({0xFF}, null_device()));
    }
    for (int i = 0; i < 40; ++i)
        for (const char* expected : {kNoDevice, "02 5/20/00", "00"}) {
            const auto reply = client.read_reply();
            ASSERT_TRUE(reply);
            EXPECT_EQ(reply->brief(), expected) << i;
        }
}

TEST(Conversation, OfMaximalLengthIsTaken) {
    Daemon daemon;
    RawClient client = daemon.connect();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(client.request(pr_out(0, 0, 8192), null_device(), Bytes(8192, 0xA5))->brief(), kNoDevice);
        EXPECT_EQ(client.request(pr_out(0, 0, 0), null_device())->brief(), kNoDevice);
        EXPECT_EQ(client.request(pr_in(0, 0), null_device())->brief(), kNoDevice);
    }
}

TEST(Conversation, WhoHasSaidEverythingIsStillAnswered) {
    Daemon daemon;
    RawClient client = daemon.connect();
    ASSERT_TRUE(client.send_request(pr_in(0, 24), null_device()));
    ASSERT_EQ(::shutdown(client.fd(), SHUT_WR), 0);
    ASSERT_TRUE(client.read_reply());
    EXPECT_TRUE(client.closed_by_peer());
}

TEST(Conversation, DescriptorIsClosedWhenTheReplyComes) {
    Daemon daemon;
    RawClient client = daemon.connect();
    for (int i = 0; i < 50; ++i) {
        int ends[2];
        ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        const Descriptor reading(ends[0]);
        Descriptor writing(ends[1]);
        ASSERT_TRUE(client.send_request(pr_in(0, 24), writing.get()));
        writing.close();
        ASSERT_TRUE(client.read_reply());
        pollfd end{reading.get(), POLLIN, 0};
        EXPECT_EQ(::poll(&end, 1, 0), 1);
        EXPECT_NE(end.revents & POLLHUP, 0) << "somebody holds it open";
    }
}

/// Requests that take as long as the test likes.
class SlowRequests {
  public:
    SlowRequests(const Daemon& daemon, std::size_t count) : devices_(count), clients_(count) {
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_TRUE(clients_[i].open(daemon.socket()));
            EXPECT_TRUE(clients_[i].send_bytes({0x5E}, {devices_[i].descriptor()}));
            devices_[i].leave_it_to_others();
            EXPECT_TRUE(clients_[i].send_bytes(Bytes(15)));
        }
    }
    void release_and_expect_answers() {
        for (LingeringSocket& device : devices_) device.release();
        for (RawClient& client : clients_) EXPECT_TRUE(client.read_reply());
    }

  private:
    std::vector<LingeringSocket> devices_;
    std::vector<RawClient> clients_;
};

TEST(Conversation, OfOneClientDoesNotWaitForAnothersDevice) {
    Daemon daemon({"--max-requests-per-process=1000"});
    RawClient client = daemon.connect();
    SlowRequests slow(daemon, 100);
    EXPECT_TRUE(eventually([&] { return thread_statuses(daemon.pid()).size() > 100; }));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(client), kNoDevice);
    EXPECT_EQ(daemon.ask(), kNoDevice);
    slow.release_and_expect_answers();
    EXPECT_EQ(ask(client), kNoDevice);
}

}  // namespace
}  // namespace prh::test
