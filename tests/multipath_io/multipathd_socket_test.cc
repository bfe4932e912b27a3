// SPDX-License-Identifier: MIT
// The way to multipathd: what it does when nobody is there, when nobody answers, and when nonsense comes.
#include "multipath/multipathd_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "multipath_io/fake_multipathd.h"

namespace prh::test {
namespace {

using namespace std::chrono_literals;
using Manner = FakeMultipathd::Manner;
using Failure = MultipathdSocket::Failure;

class MultipathdSocketTest : public ::testing::Test {
  protected:
    MultipathdSocket::Settings settings(std::chrono::milliseconds patience = 10s) const {
        return {address_, patience, 1h};
    }
    static std::string text(const tl::expected<std::string, MultipathdSocket::Trouble>& reply) {
        return reply ? *reply : "failure: " + reply.error().text;
    }

    TemporaryDirectory directory_;
    std::string address_ = directory_ / "multipathd";
    FakeMultipathd::Replies echo_ = [](const std::string& command) { return "you said " + command; };
};

TEST_F(MultipathdSocketTest, CommandsAreAnsweredOnOneConnection) {
    FakeMultipathd multipathd(address_, echo_);
    MultipathdSocket socket(settings());
    EXPECT_EQ(text(socket.ask("one")), std::string("you said one") + '\0');
    EXPECT_EQ(text(socket.ask("two")), std::string("you said two") + '\0');
    EXPECT_EQ(multipathd.connections(), 1);
}

TEST_F(MultipathdSocketTest, AnAbstractNameIsReachedToo) {
    address_ = "@prh-test-" + directory_.path();
    FakeMultipathd multipathd(address_, echo_);
    MultipathdSocket socket(settings());
    EXPECT_EQ(text(socket.ask("one")), std::string("you said one") + '\0');
}

TEST_F(MultipathdSocketTest, WhereNobodyListensNothingIsAsked) {
    MultipathdSocket socket(settings());
    const auto reply = socket.ask("one");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().failure, Failure::Absent);
    EXPECT_EQ(reply.error().text, address_ + ": No such file or directory");
    FakeMultipathd multipathd(address_, echo_);
    EXPECT_TRUE(socket.ask("one")) << "it may have been started";
}

TEST_F(MultipathdSocketTest, ARestartOfMultipathdIsNotNoticed) {
    MultipathdSocket socket(settings());
    {
        FakeMultipathd multipathd(address_, echo_);
        EXPECT_TRUE(socket.ask("one"));
    }
    EXPECT_EQ(socket.ask("two").error().failure, Failure::Absent);
    {
        FakeMultipathd multipathd(address_, echo_);
        EXPECT_TRUE(socket.ask("three"));
        socket.has_holding = false;
        socket.has_path_lists = false;
    }
    FakeMultipathd multipathd(address_, echo_);
    EXPECT_TRUE(socket.ask("four"));
    EXPECT_EQ(multipathd.commands(), std::vector<std::string>{"four"});
    EXPECT_TRUE(socket.has_holding) << "it may be another version";
    EXPECT_TRUE(socket.has_path_lists);
}

TEST_F(MultipathdSocketTest, OneThatHangsCostsOnce) {
    FakeMultipathd multipathd(address_, echo_, Manner::Hang);
    MultipathdSocket socket(settings(100ms));
    EXPECT_EQ(socket.ask("one").error().failure, Failure::Silent);
    multipathd.set_manner(Manner::Answer);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(socket.ask("two").error().failure, Failure::Silent);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 100 * 100ms);
    EXPECT_EQ(multipathd.commands(), std::vector<std::string>{"one"}) << "it rests";
}

TEST_F(MultipathdSocketTest, AfterItsRestItIsAskedAgain) {
    FakeMultipathd multipathd(address_, echo_, Manner::Hang);
    MultipathdSocket socket({address_, 50ms, 1ms});
    EXPECT_EQ(socket.ask("one").error().failure, Failure::Silent);
    multipathd.set_manner(Manner::Answer);
    EXPECT_TRUE(eventually([&] {
        const auto reply = socket.ask("two");
        return reply && *reply == std::string("you said two") + '\0';
    })) << "and what it said meanwhile is not taken for the answer";
}

TEST_F(MultipathdSocketTest, NonsenseBreaksTheConnectionAndNothingElse) {
    for (const Manner manner :
         {Manner::CloseAtOnce, Manner::DieInReply, Manner::GiantLength, Manner::ZeroLength}) {
        FakeMultipathd multipathd(address_, echo_, manner);
        MultipathdSocket socket(settings());
        EXPECT_EQ(socket.ask("one").error().failure, Failure::Broken);
        EXPECT_EQ(multipathd.commands().size(), 1U) << "a new connection is not tried again";
        multipathd.set_manner(Manner::Answer);
        EXPECT_TRUE(socket.ask("two"));
        multipathd.set_manner(manner);
        EXPECT_EQ(socket.ask("three").error().failure, Failure::Broken);
        EXPECT_EQ(multipathd.commands().size(), 4U) << "an old one is, once";
    }
}

TEST_F(MultipathdSocketTest, SlowBytesAreCollected) {
    FakeMultipathd multipathd(address_, echo_, Manner::SlowBytes);
    MultipathdSocket socket(settings());
    EXPECT_EQ(text(socket.ask("one")), std::string("you said one") + '\0');
}

TEST_F(MultipathdSocketTest, SlowBytesDoNotExtendTheTime) {
    FakeMultipathd multipathd(
        address_, [](const std::string&) { return std::string(200, 'x'); }, Manner::SlowBytes);
    MultipathdSocket socket(settings(100ms));
    EXPECT_EQ(socket.ask("one").error().failure, Failure::Silent);
}

TEST_F(MultipathdSocketTest, AConnectionMadeBeforehandIsUsed) {
    FakeMultipathd multipathd(address_, echo_);
    MultipathdSocket socket(settings());
    socket.connect();
    EXPECT_TRUE(eventually([&] { return multipathd.connections() == 1; }));
    EXPECT_TRUE(socket.ask("one"));
    EXPECT_EQ(multipathd.connections(), 1);
}

TEST_F(MultipathdSocketTest, WhoLooksIsToldWithoutAnythingBeingAsked) {
    MultipathdSocket socket(settings());
    EXPECT_EQ(socket.look().state, "unreachable");
    EXPECT_EQ(socket.look().problem, address_ + ": No such file or directory");
    {
        FakeMultipathd multipathd(address_, echo_);
        const Dependency found = socket.look();
        EXPECT_EQ(found.name, "multipathd");
        EXPECT_EQ(found.state, "connected");
        EXPECT_EQ(found.problem, "");
        EXPECT_EQ(socket.look().state, "connected");
        EXPECT_TRUE(socket.ask("one"));
        EXPECT_EQ(multipathd.commands(), std::vector<std::string>{"one"});
        EXPECT_EQ(multipathd.connections(), 1);
    }
    EXPECT_EQ(socket.look().state, "unreachable") << "it has ended since";
    FakeMultipathd multipathd(address_, echo_);
    EXPECT_EQ(socket.look().state, "connected") << "it was started again";
}

TEST_F(MultipathdSocketTest, WhoLooksDoesNotWait) {
    FakeMultipathd multipathd(address_, echo_, Manner::Hang);
    MultipathdSocket socket(settings(2s));
    std::thread asking([&] { EXPECT_EQ(socket.ask("one").error().failure, Failure::Silent); });
    EXPECT_TRUE(eventually([&] { return socket.look().state == "asked"; }, 2));
    asking.join();
    EXPECT_EQ(socket.look().state, "silent") << "it is left alone for a while";
    EXPECT_NE(socket.look().problem, "");
}

TEST_F(MultipathdSocketTest, AFullBacklogIsNotWaitedForLongerThanAnAnswer) {
    // Listens, and accepts nobody: as a multipathd that is stopped.
    const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address_.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    ASSERT_EQ(::listen(listener.get(), 0), 0);
    MultipathdSocket first(settings(50ms));
    MultipathdSocket second(settings(50ms));
    EXPECT_EQ(first.ask("one").error().failure, Failure::Silent);
    first.connect();
    EXPECT_EQ(second.ask("one").error().failure, Failure::Silent);
}

}  // namespace
}  // namespace prh::test
