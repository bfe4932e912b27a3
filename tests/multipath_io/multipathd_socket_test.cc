// SPDX-License-Identifier: MIT
// The way to multipathd: what it does when nobody is there, when nobody answers, and when nonsense comes.
#include "multipath/multipathd_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <future>
#include <thread>

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
    for (int i = 0; i < 100; ++i) {
        const auto reply = socket.ask("two");
        ASSERT_FALSE(reply) << "it was asked and answered";
        EXPECT_EQ(reply.error().failure, Failure::Silent);
    }
    EXPECT_TRUE(eventually([&] { return !multipathd.commands().empty(); }));
    EXPECT_EQ(multipathd.commands(), std::vector<std::string>{"one"}) << "it rests";
    EXPECT_EQ(multipathd.connections(), 1);
}

TEST_F(MultipathdSocketTest, AfterItsRestItIsAskedAgain) {
    FakeMultipathd multipathd(address_, echo_, Manner::Hang);
    MultipathdSocket socket({address_, 200ms, 1ms});
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
    // Longer than anybody waits: bytes come until the connection is closed.
    FakeMultipathd multipathd(
        address_, [](const std::string&) { return std::string(60'000, 'x'); }, Manner::SlowBytes);
    MultipathdSocket socket(settings(100ms));
    EXPECT_EQ(socket.ask("one").error().failure, Failure::Silent);
}

TEST_F(MultipathdSocketTest, NobodyWaitsForTheAnswerToAnother) {
    MultipathdSocket socket(settings());
    std::thread asking;
    {
        FakeMultipathd multipathd(address_, echo_, Manner::Hang);
        asking = std::thread([&] { EXPECT_FALSE(socket.ask("one")); });
        EXPECT_TRUE(eventually([&] { return !multipathd.commands().empty(); }));
        multipathd.set_manner(Manner::Answer);
        EXPECT_EQ(text(socket.ask("two")), std::string("you said two") + '\0');
    }
    asking.join();
}

TEST_F(MultipathdSocketTest, ConnectionsMadeBeforehandAreUsed) {
    FakeMultipathd multipathd(address_, echo_);
    MultipathdSocket socket(settings());
    socket.connect();
    const int made = MultipathdSocket::kConnections;
    EXPECT_TRUE(eventually([&] { return multipathd.connections() == made; }));
    EXPECT_TRUE(socket.ask("one"));
    EXPECT_EQ(multipathd.connections(), made);
}

TEST_F(MultipathdSocketTest, AConnectionMadeBeforehandOutlivesALateAnswer) {
    std::promise<void> release;
    FakeMultipathd multipathd(address_,
                              [released = release.get_future().share()](const std::string& command) {
                                  released.wait();
                                  return "you said " + command;
                              });
    MultipathdSocket socket({address_, 200ms, 1ms, 1ms});
    socket.connect();
    for (std::size_t i = 0; i < MultipathdSocket::kConnections; ++i)
        EXPECT_EQ(socket.ask_patiently("one").has_value(), false);
    release.set_value();
    EXPECT_TRUE(eventually([&] {
        const auto reply = socket.ask("two");
        return reply && *reply == std::string("you said two") + '\0';
    })) << "late answers are not taken for this one";
    EXPECT_EQ(multipathd.connections(), int{MultipathdSocket::kConnections});
}

TEST_F(MultipathdSocketTest, WhoeverWaitsIsLetGoWhenItStops) {
    FakeMultipathd multipathd(address_, echo_, Manner::Hang);
    MultipathdSocket socket(settings(1h));
    std::thread asking([&] { EXPECT_EQ(socket.ask("one").error().failure, Failure::Silent); });
    EXPECT_TRUE(eventually([&] { return !multipathd.commands().empty(); }));
    socket.stop();
    asking.join();
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
    std::promise<void> answer;
    FakeMultipathd multipathd(address_, [answered = answer.get_future().share()](const std::string&) {
        answered.wait();
        return std::string("ok");
    });
    MultipathdSocket socket(settings(60s));
    std::thread asking([&] { EXPECT_EQ(text(socket.ask("one")), std::string("ok") + '\0'); });
    EXPECT_TRUE(eventually([&] { return !multipathd.commands().empty(); }));
    EXPECT_EQ(socket.look().state, "asked");
    answer.set_value();
    asking.join();
    EXPECT_EQ(socket.look().state, "connected");
}

TEST_F(MultipathdSocketTest, WhoLooksIsToldOfOneThatDoesNotAnswer) {
    FakeMultipathd multipathd(address_, echo_, Manner::Hang);
    MultipathdSocket socket(settings(100ms));
    EXPECT_EQ(socket.ask("one").error().failure, Failure::Silent);
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
