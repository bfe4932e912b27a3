// SPDX-License-Identifier: MIT
// Bytes and descriptors over a socket pair: how many arrive, and that none is left over.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "os/unix_socket.h"
#include "support/child_process.h"
#include "support/process.h"
#include "unit/counted_pipe.h"

namespace prh::test {
namespace {

bool send_with(FdRef socket, const std::string& text, const std::vector<int>& descriptors) {
    iovec part{const_cast<char*>(text.data()), text.size()};
    std::vector<std::uint8_t> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
        std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
    }
    return ::sendmsg(socket.get(), &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

class UnixSocket : public ::testing::Test {
  protected:
    void SetUp() override {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        ours_ = UniqueFd(ends[0]);
        theirs_ = UniqueFd(ends[1]);
    }
    bool client_sends(const std::string& text, const std::vector<int>& descriptors = {}) {
        return send_with(theirs_.ref(), text, descriptors);
    }
    Received take(std::size_t most, bool with_descriptors) {
        buffer_.assign(most, 0);
        return receive(ours_.ref(), buffer_, with_descriptors);
    }

    /// What a process receives that can open so many descriptors more.
    std::string taken_with_room_for(int more) {
        return in_child([&] {
            const int lowest_free = ::dup(0);
            ::close(lowest_free);
            const auto limit = static_cast<rlim_t>(lowest_free + more);
            const rlimit few{limit, limit};
            if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return std::string("no limit");
            const Received received = take(16, true);
            return "bytes " + std::to_string(received.bytes) + ", error " + std::to_string(received.error) +
                   ", descriptors " + std::to_string(received.descriptor_count) + ", lost " +
                   std::to_string(received.descriptor_lost);
        });
    }

    UniqueFd ours_, theirs_;
    std::vector<std::uint8_t> buffer_;
};

TEST_F(UnixSocket, NothingThereIsNoEnd) {
    for (const bool with_descriptors : {false, true}) {
        const Received received = take(16, with_descriptors);
        EXPECT_EQ(received.error, EAGAIN);
        EXPECT_EQ(received.bytes, 0U);
        EXPECT_FALSE(received.end_of_file);
    }
}

TEST_F(UnixSocket, TakesAtMostWhatWasAskedFor) {
    ASSERT_TRUE(client_sends("abcdef"));
    const Received first = take(4, false);
    EXPECT_EQ(first.bytes, 4U);
    EXPECT_EQ(std::string(buffer_.begin(), buffer_.end()), "abcd");
    const Received second = take(4, true);
    EXPECT_EQ(second.bytes, 2U);
    EXPECT_EQ(second.descriptor_count, 0U);
    EXPECT_EQ(take(4, true).error, EAGAIN);
}

TEST_F(UnixSocket, TheEndComesAfterTheLastByte) {
    ASSERT_TRUE(client_sends("ab"));
    theirs_.reset();
    const Received bytes = take(16, true);
    EXPECT_EQ(bytes.bytes, 2U);
    EXPECT_FALSE(bytes.end_of_file);
    for (const bool with_descriptors : {false, true}) {
        const Received end = take(16, with_descriptors);
        EXPECT_TRUE(end.end_of_file);
        EXPECT_EQ(end.error, 0);
        EXPECT_EQ(end.bytes, 0U);
    }
}

TEST_F(UnixSocket, ADescriptorIsOwnedAndCloseOnExec) {
    CountedPipe pipe;
    ASSERT_TRUE(client_sends("x", {pipe.writer()}));
    pipe.close_own();
    {
        Received received = take(16, true);
        ASSERT_EQ(received.descriptor_count, 1U);
        EXPECT_TRUE(pipe.is(received.descriptors[0].ref()));
        EXPECT_FALSE(received.descriptor_lost);
        EXPECT_EQ(received.taken().size(), 1U);
        EXPECT_EQ(::fcntl(received.descriptors[0].get(), F_GETFD), FD_CLOEXEC);
        EXPECT_FALSE(pipe.closed());
    }
    EXPECT_TRUE(pipe.closed());
}

TEST_F(UnixSocket, WithoutTheWishDescriptorsAreDropped) {
    const std::size_t before = open_descriptors(::getpid());
    CountedPipe pipe;
    ASSERT_TRUE(client_sends("x", {pipe.writer(), pipe.writer()}));
    pipe.close_own();
    const Received received = take(16, false);
    EXPECT_EQ(received.bytes, 1U);
    EXPECT_EQ(received.descriptor_count, 0U);
    EXPECT_FALSE(received.descriptor_lost);
    EXPECT_TRUE(pipe.closed());
    EXPECT_EQ(open_descriptors(::getpid()), before + 1) << "the pipe's reading end";
}

TEST_F(UnixSocket, OfManyDescriptorsTwoArriveAndNoneLeaks) {
    const std::size_t before = open_descriptors(::getpid());
    for (const std::size_t sent : {2U, 3U, 16U, 253U}) {
        CountedPipe pipe;
        ASSERT_TRUE(client_sends("x", std::vector<int>(sent, pipe.writer())));
        pipe.close_own();
        {
            const Received received = take(16, true);
            EXPECT_EQ(received.descriptor_count, 2U) << sent;
            EXPECT_TRUE(pipe.is(received.descriptors[0].ref()));
            EXPECT_TRUE(pipe.is(received.descriptors[1].ref()));
            EXPECT_FALSE(received.descriptor_lost) << "the client is to blame";
        }
        EXPECT_TRUE(pipe.closed()) << sent;
    }
    EXPECT_EQ(open_descriptors(::getpid()), before);
}

TEST_F(UnixSocket, DescriptorsOfLaterMessagesStayThere) {
    CountedPipe first, second;
    ASSERT_TRUE(client_sends("ab", {first.writer()}));
    ASSERT_TRUE(client_sends("cd", {second.writer()}));
    const Received one = take(100, true);
    EXPECT_EQ(one.bytes, 2U) << "the kernel does not join messages with descriptors";
    ASSERT_EQ(one.descriptor_count, 1U);
    EXPECT_TRUE(first.is(one.descriptors[0].ref()));
    const Received two = take(100, true);
    EXPECT_EQ(two.bytes, 2U);
    ASSERT_EQ(two.descriptor_count, 1U);
    EXPECT_TRUE(second.is(two.descriptors[0].ref()));
}

TEST_F(UnixSocket, ADescriptorThatWeHaveNoRoomForIsLostAndItsBytesAreNot) {
    CountedPipe pipe;
    ASSERT_TRUE(client_sends("abc", {pipe.writer()}));
    ASSERT_TRUE(client_sends("def", {pipe.writer()}));
    EXPECT_EQ(taken_with_room_for(0), "bytes 3, error 0, descriptors 0, lost 1");
    pipe.close_own();
    EXPECT_FALSE(pipe.closed()) << "the second is in the socket still";
    EXPECT_EQ(take(16, true).descriptor_count, 1U) << "with room again, it comes";
    EXPECT_TRUE(pipe.closed());
}

TEST_F(UnixSocket, ASecondDescriptorThatWeHaveNoRoomForIsNotForgotten) {
    CountedPipe pipe;
    for (const std::size_t sent : {1U, 2U, 3U, 253U}) {
        ASSERT_TRUE(client_sends("abc", std::vector<int>(sent, pipe.writer())));
        EXPECT_EQ(taken_with_room_for(1),
                  std::string("bytes 3, error 0, descriptors 1, lost ") + (sent > 1 ? "1" : "0"));
    }
}

TEST_F(UnixSocket, OtherErrorsOfReceivingAreTold) {
    CountedPipe pipe;
    EXPECT_EQ(receive(FdRef(pipe.writer()), buffer_, true).error, ENOTSOCK);
    EXPECT_EQ(receive(FdRef(), buffer_, false).error, EBADF);
}

TEST_F(UnixSocket, SendingStopsWhereNothingMoreFits) {
    const std::vector<std::uint8_t> bytes(8296, 0x5A);
    std::size_t total = 0;
    Sent sent;
    while ((sent = send(ours_.ref(), bytes)).error == 0) {
        ASSERT_GT(sent.bytes, 0U);
        total += sent.bytes;
        ASSERT_LT(total, std::size_t{1} << 30);
    }
    EXPECT_EQ(sent.error, EAGAIN);
    EXPECT_EQ(sent.bytes, 0U);
    EXPECT_GT(total, bytes.size());
}

TEST_F(UnixSocket, SendingToAPeerThatIsGoneIsAnErrorAndNoSignal) {
    theirs_.reset();
    const std::vector<std::uint8_t> bytes(104);
    EXPECT_EQ(in_child([&] { return std::to_string(send(ours_.ref(), bytes).error); }),
              std::to_string(EPIPE));
}

TEST_F(UnixSocket, ThePeerIsWhoConnected) {
    const PeerCredentials peer = peer_credentials(ours_.ref());
    EXPECT_EQ(peer.pid, ::getpid());
    EXPECT_EQ(peer.uid, ::getuid());
    EXPECT_EQ(peer.gid, ::getgid());
    EXPECT_EQ(peer_credentials(FdRef()).pid, 0);
}

TEST(AcceptClient, GetsDescriptorsWhateverElseTheListenerIsSetTo) {
    const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_FALSE(accept_client(listener.ref()).valid()) << "it does not listen";
    const int on = 1;
    ASSERT_EQ(::setsockopt(listener.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);  // PassCredentials=
    constexpr int kPassPidFd = 76;  // SO_PASSPIDFD, Linux 6.5: PassPIDFD=
    ::setsockopt(listener.get(), SOL_SOCKET, kPassPidFd, &on, sizeof on);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;  // without a name: the kernel chooses an abstract one (unix(7), autobind)
    socklen_t size = sizeof address.sun_family;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(listener.get(), name, size), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    size = sizeof address;
    ASSERT_EQ(::getsockname(listener.get(), name, &size), 0);
    errno = 0;
    EXPECT_FALSE(accept_client(listener.ref()).valid());
    EXPECT_EQ(errno, EAGAIN);

    const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(client.get(), name, size), 0);
    const UniqueFd accepted = accept_client(listener.ref());
    ASSERT_TRUE(accepted.valid());
    ASSERT_EQ(take_descriptors_only(accepted.ref()), 0);
    EXPECT_EQ(::fcntl(accepted.get(), F_GETFD), FD_CLOEXEC);
    CountedPipe pipe;
    ASSERT_TRUE(send_with(client.ref(), "x", {pipe.writer()}));
    std::vector<std::uint8_t> buffer(16);
    const Received received = receive(accepted.ref(), buffer, true);
    EXPECT_EQ(received.descriptor_count, 1U);
    EXPECT_FALSE(received.descriptor_lost);

    const std::size_t before = open_descriptors(::getpid());
    ASSERT_TRUE(send_with(client.ref(), "x", {}));
    EXPECT_EQ(receive(accepted.ref(), buffer, true).bytes, 1U);
    EXPECT_EQ(open_descriptors(::getpid()), before) << "nor any that nobody sent";
}

}  // namespace
}  // namespace prh::test
