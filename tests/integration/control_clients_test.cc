// SPDX-License-Identifier: MIT
// What clients of a control socket may do, and what they cannot make it do.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "integration/control_fixture.h"

namespace prh::test {
namespace {

constexpr unsigned kRegister = 0;

TEST_F(ControlTest, KnowsThreeLines) {
    serve();
    for (const char* line : {"", "State", "status", "events  reads", "state now"}) {
        Asker asker(path(), line);
        const Json answer = Json::parse(asker.line().value_or("{}"));
        EXPECT_EQ(answer["error"],
                  "'" + std::string(line) + "' is not known: ask for state, events or events reads");
        EXPECT_TRUE(asker.closed());
    }
    Asker longest(path());
    longest.say(std::string(1000, 'x'));
    EXPECT_TRUE(Json::parse(longest.line().value_or("{}")).contains("error"));
    EXPECT_EQ(daemon_->ask(), kNoDevice);
}

TEST_F(ControlTest, MoreThanItAnswersAtOneTimeWait) {
    serve();
    std::list<Asker> followers;
    for (int i = 0; i < 16; ++i) followers.emplace_back(path(), "events");
    Asker further(path(), "state");
    EXPECT_TRUE(further.connected());
    EXPECT_EQ(daemon_->ask(), kNoDevice);
    followers.pop_front();
    EXPECT_TRUE(further.line()) << "a place is free";
}

TEST_F(ControlTest, WhoSaysNothingIsNotKept) {
    serve();
    Asker silent(path());
    EXPECT_TRUE(silent.closed());
}

TEST_F(ControlTest, WhoHasAskedMayCloseItsSideAndReadOn) {
    serve_emulated();
    Asker events(path(), "events");
    state();
    events.stop_sending();
    RawClient client = daemon_->connect();
    for (std::uint64_t key = 0; key < 3; ++key) {
        ASSERT_TRUE(client.request(pr_out(kRegister, 0), disk_.get(), key_list(key, key + 1)));
        EXPECT_EQ(Json::parse(events.line().value_or("{}"))["action"], "REGISTER");
    }
}

TEST_F(ControlTest, WhoVanishesIsForgotten) {
    serve();
    state();
    const std::size_t before = open_descriptors(daemon_->pid());
    for (int i = 0; i < 50; ++i) {
        Asker(path(), "events");
        Asker(path(), "state");
        Asker nothing(path());
    }
    EXPECT_TRUE(eventually([&] { return open_descriptors(daemon_->pid()) <= before; }));
}

TEST_F(ControlTest, WhoSendsWhatHangsDoesNotHoldUpTheEnd) {
    serve();
    state();
    LingeringSocket device;
    RawClient hostile;
    ASSERT_TRUE(daemon_->process().stop());  // so that our own copy is not the last one when it is closed
    ASSERT_TRUE(hostile.connect(path()));
    ASSERT_TRUE(hostile.send_bytes({'x'}, {device.descriptor()}));
    device.leave_it_to_others();
    daemon_->process().go_on();
    EXPECT_EQ(daemon_->ask(), kNoDevice);
    EXPECT_EQ(daemon_->end(), 0);
}

TEST_F(ControlTest, WithoutDescriptorsWhoComesWaitsAndNothingSpins) {
    serve();
    state();
    ASSERT_TRUE(limit_descriptors(daemon_->pid(), lowest_free_descriptor(daemon_->pid())));
    Asker waiting(path(), "state");
    EXPECT_TRUE(comes_to_rest(daemon_->pid())) << "it spins";
    ASSERT_TRUE(limit_descriptors(daemon_->pid(), 1024));
    EXPECT_TRUE(waiting.line());
}

TEST_F(ControlTest, IsTheStartersAloneUnlessAGroupIsNamed) {
    const auto mode = [&] {
        struct stat status {};
        EXPECT_EQ(::stat(path().c_str(), &status), 0);
        return status.st_mode & 07777;
    };
    serve();
    EXPECT_EQ(mode(), 0600U);
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_FALSE(exists(path()));
    serve({"--control-group=nogroup"});
    EXPECT_EQ(mode(), 0660U);
    EXPECT_EQ(daemon_->end(), 0);
    serve({"--control-mode=0644"});
    EXPECT_EQ(mode(), 0644U);
}

TEST_F(ControlTest, IsNotTakenFromWhoListensThere) {
    serve();
    Process second({built("qemu-pr-helper"), "-k", directory_ / "second", "--control=" + path()});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_NE(second.err().find(path()), std::string::npos) << second.err();
    EXPECT_EQ(state()["helper"]["pid"], daemon_->pid());
}

TEST_F(ControlTest, ANextInstanceCanTakeItWhileTheOldOneFinishes) {
    serve();
    hang();
    ASSERT_TRUE(connections_become({"executing"}));
    daemon_->process().signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return !exists(path()); }));
    Daemon next({"--control=" + path()});
    ASSERT_TRUE(eventually([&] { return exists(path()); }));
    EXPECT_EQ(state()["helper"]["pid"], next.pid());
    release();
    EXPECT_EQ(daemon_->process().wait(), 0);
    EXPECT_TRUE(exists(path())) << "it is the next one's";
}

TEST_F(ControlTest, ItsThreadHasNoMorePrivilegesThanTheOthers) {
    serve();
    state();
    const auto threads = thread_statuses(daemon_->pid());
    EXPECT_GE(threads.size(), 3U);
    for (auto thread : threads) {
        EXPECT_EQ(std::stoull(thread["CapEff"], nullptr, 16), 1ULL << 17);  // CAP_SYS_RAWIO
        EXPECT_EQ(std::stoull(thread["CapBnd"], nullptr, 16), 0U);
        EXPECT_EQ(thread["NoNewPrivs"], "1");
    }
}

TEST_F(ControlTest, APathThatIsNotAbsoluteIsRefused) {
    Process process({built("qemu-pr-helper"), "--control=control"});
    EXPECT_EQ(process.wait(), 1);
    EXPECT_NE(process.err().find("invalid --control 'control': give an absolute path"), std::string::npos);
}

}  // namespace
}  // namespace prh::test
