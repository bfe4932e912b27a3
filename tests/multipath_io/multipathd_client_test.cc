// SPDX-License-Identifier: MIT
// What multipathd is told of a map, version by version, and what an administrator is told when it refuses.
#include "multipath/multipathd_client.h"

#include <gtest/gtest.h>

#include <atomic>

#include "multipath_io/fake_map.h"
#include "multipath_io/fake_multipathd.h"

namespace prh::test {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

constexpr char kUntilThen[] =
    "; until then a path that returns may be in use for a moment before it is registered";

class MultipathdClientTest : public ::testing::Test {
  protected:
    MultipathdClient client() {
        return {socket_, map_.map(), [this](std::string_view text) { reports_.emplace_back(text); }};
    }
    /// A complete life of a registration.
    static void register_and_leave(PathManager& manager) {
        manager.set_key({{0x123ABC}, true});
        manager.set_registered({"8:0", "8:16"});
        manager.set_holding(true);
        manager.set_holding(false);
        manager.unset_key();
        manager.unset_registered();
    }

    TemporaryDirectory directory_;
    std::string address_ = directory_ / "multipathd";
    MultipathdSocket socket_{{address_, 10s, 1h}};
    FakeMap map_;
    Lines reports_;
};

TEST_F(MultipathdClientTest, TellsTheNewestEverything) {
    FakeMultipathd multipathd(address_, FakeMultipathd::version(14));
    MultipathdClient client = this->client();
    register_and_leave(client);
    EXPECT_EQ(multipathd.commands(),
              (Lines{"setprkey map dm-3 key 123abc:aptpl", "setprstatus map dm-3 pathlist \"8:0 8:16\"",
                     "setprhold map dm-3", "unsetprhold map dm-3", "unsetprkey map dm-3",
                     "unsetprstatus map dm-3"}));
    EXPECT_TRUE(reports_.empty());
}

TEST_F(MultipathdClientTest, TellsOlderOnesWhatTheyHaveAndRemembersWhatNot) {
    for (const int minor : {7, 8, 9, 10, 11, 12, 13}) {
        FakeMultipathd multipathd(address_, FakeMultipathd::version(minor));
        MultipathdClient client = this->client();
        register_and_leave(client);
        const std::size_t first = multipathd.commands().size();
        register_and_leave(client);
        const Lines commands = multipathd.commands();
        Lines expected{"setprkey map dm-3 key 123abc:aptpl", "setprstatus map dm-3"};
        if (minor == 13) expected.insert(expected.end(), {"setprhold map dm-3", "unsetprhold map dm-3"});
        expected.insert(expected.end(), {"unsetprkey map dm-3", "unsetprstatus map dm-3"});
        EXPECT_EQ(Lines(commands.begin() + static_cast<std::ptrdiff_t>(first), commands.end()), expected)
            << minor;
        EXPECT_TRUE(reports_.empty()) << reports_[0];
    }
}

TEST_F(MultipathdClientTest, ReadsTheKeyBack) {
    for (const int minor : {7, 9, 14}) {
        FakeMultipathd multipathd(address_, FakeMultipathd::version(minor));
        MultipathdClient client = this->client();
        EXPECT_EQ(client.key(), std::nullopt);
        client.set_key({{0x123ABC}, true});
        EXPECT_EQ(client.key(), (PathManager::Key{{0x123ABC}, true}));
        client.set_key({{7}, false});
        EXPECT_EQ(client.key(), (PathManager::Key{{7}, false}));
        client.unset_key();
        EXPECT_EQ(client.key(), std::nullopt);
    }
    EXPECT_TRUE(reports_.empty());
}

TEST_F(MultipathdClientTest, ARefusedKeyIsToldOnceWithTheRemedy) {
    FakeMultipathd multipathd(address_, [](const std::string& command) {
        return command.starts_with("getprstatus") ? "unset\n"
               : command.starts_with("setprkey")  ? "fail\n"
                                                  : "ok\n";
    });
    MultipathdClient client = this->client();
    register_and_leave(client);
    register_and_leave(client);
    EXPECT_EQ(reports_,
              Lines{std::string("multipathd does not keep the key of dm-3 (mpatha): put \"reservation_key "
                                "file\" into the defaults section of /etc/multipath.conf and run "
                                "\"multipathd reconfigure\"") +
                    kUntilThen});
}

TEST_F(MultipathdClientTest, AMapThatItDoesNotKnowIsToldAsSuch) {
    FakeMultipathd multipathd(address_, [](const std::string&) { return "fail\n"; });
    MultipathdClient client = this->client();
    register_and_leave(client);
    EXPECT_EQ(client.key(), std::nullopt);
    ASSERT_EQ(reports_.size(), 1U) << reports_[1];
    EXPECT_TRUE(reports_[0].starts_with("multipathd does not know dm-3 (mpatha): ")) << reports_[0];
}

TEST_F(MultipathdClientTest, WhoIsNotRootIsToldWhy) {
    for (const char* reply :
         {"permission deny: need to be root", "fail\npermission deny: need to be root\n"}) {
        reports_.clear();
        FakeMultipathd multipathd(address_, [&](const std::string&) { return reply; });
        MultipathdClient client = this->client();
        register_and_leave(client);
        EXPECT_EQ(client.key(), std::nullopt);
        EXPECT_EQ(
            reports_,
            Lines{std::string(
                      "multipathd obeys only root, and refuses to keep the key of dm-3 (mpatha): run this "
                      "program without -u; or, where it was started with -u and its connection from "
                      "then broke, start it again") +
                  kUntilThen});
    }
}

TEST_F(MultipathdClientTest, WhereItIsNotRunningIsToldOnce) {
    MultipathdClient client = this->client();
    register_and_leave(client);
    EXPECT_EQ(reports_, Lines{"multipathd could not be asked (" + address_ +
                              ": No such file or directory) about dm-3 (mpatha): start it, or say with "
                              "--multipathd-socket where it listens" +
                              kUntilThen});
}

TEST_F(MultipathdClientTest, EveryMapAndEveryCauseIsToldOfItself) {
    MultipathdClient one = client();
    FakeMap other_map("254:4");
    MultipathdClient other(socket_, other_map.map(),
                           [this](std::string_view text) { reports_.emplace_back(text); });
    register_and_leave(one);
    register_and_leave(other);
    ASSERT_EQ(reports_.size(), 2U);
    EXPECT_NE(reports_[1].find("dm-4 (mpatha)"), std::string::npos) << reports_[1];
    FakeMultipathd multipathd(address_, [](const std::string&) { return "timeout\n"; });
    register_and_leave(one);
    ASSERT_EQ(reports_.size(), 3U);
    EXPECT_NE(reports_[2].find("too busy"), std::string::npos) << reports_[2];
}

TEST_F(MultipathdClientTest, ManyPathsAreNotListed) {
    FakeMultipathd multipathd(address_, FakeMultipathd::version(14));
    MultipathdClient client = this->client();
    client.set_registered({});
    client.set_registered(Lines(100, "65:128"));
    EXPECT_EQ(multipathd.commands(), (Lines{"setprstatus map dm-3", "setprstatus map dm-3"}));
    client.set_registered({"8:0"});
    EXPECT_EQ(multipathd.commands().back(), "setprstatus map dm-3 pathlist \"8:0\"");
}

TEST_F(MultipathdClientTest, ARefusalOfThisMapIsNotTakenForAnOldVersion) {
    bool refuses = true;
    FakeMultipathd multipathd(address_, [&](const std::string& command) -> std::string {
        if (command.starts_with("getprhold")) return "unknown\n";
        return refuses ? "fail\n" : "ok\n";
    });
    MultipathdClient client = this->client();
    client.set_holding(true);
    client.set_registered({"8:0"});
    refuses = false;
    client.set_holding(true);
    client.set_registered({"8:0"});
    const Lines commands = multipathd.commands();
    EXPECT_EQ(Lines(commands.end() - 2, commands.end()),
              (Lines{"setprhold map dm-3", "setprstatus map dm-3 pathlist \"8:0\""}));
}

TEST_F(MultipathdClientTest, WhatCouldNotBeToldIsToldLater) {
    int untold = 0;
    MultipathdClient client(
        socket_, map_.map(), [this](std::string_view text) { reports_.emplace_back(text); },
        [&] { ++untold; });
    client.set_key({{1}, false});
    client.set_key({{2}, false});
    client.set_registered({"8:0"});
    client.set_holding(true);
    EXPECT_EQ(untold, 4);
    EXPECT_TRUE(client.tell_untold().again) << "it is not there yet";
    FakeMultipathd multipathd(address_, FakeMultipathd::version(14));
    EXPECT_EQ(client.tell_untold().again, std::nullopt);
    EXPECT_FALSE(client.has_untold());
    EXPECT_EQ(multipathd.commands(), (Lines{"setprkey map dm-3 key 2",
                                            "setprstatus map dm-3 pathlist \"8:0\"", "setprhold map dm-3"}))
        << "the last word of each";
    ASSERT_EQ(reports_.size(), 2U);
    EXPECT_EQ(reports_[1], "multipathd was told later what it had missed about dm-3 (mpatha)");
    EXPECT_EQ(client.tell_untold().again, std::nullopt);
    EXPECT_EQ(multipathd.commands().size(), 3U);
}

TEST_F(MultipathdClientTest, WhatCouldNotBeToldGoesBeforeWhatComesNext) {
    std::atomic<bool> busy = true;
    FakeMultipathd multipathd(address_, [&](const std::string&) { return busy ? "timeout\n" : "ok\n"; });
    MultipathdClient client = this->client();
    client.set_key({{1}, false});
    busy = false;
    client.set_registered({"8:0"});
    EXPECT_EQ(multipathd.commands(), (Lines{"setprkey map dm-3 key 1", "setprkey map dm-3 key 1",
                                            "setprstatus map dm-3 pathlist \"8:0\""}));
    EXPECT_FALSE(client.has_untold());
}

TEST_F(MultipathdClientTest, WhoIsNoLongerRegisteredHoldsNothing) {
    MultipathdClient client = this->client();
    client.set_holding(true);
    client.unset_key();
    client.unset_registered();
    FakeMultipathd multipathd(address_, FakeMultipathd::version(14));
    EXPECT_EQ(client.tell_untold().again, std::nullopt);
    EXPECT_EQ(multipathd.commands(), (Lines{"unsetprkey map dm-3", "unsetprstatus map dm-3"}));
}

TEST_F(MultipathdClientTest, WhatIsOldByThenIsNotTold) {
    MultipathdClient client = this->client();
    client.set_key({{1}, false});
    client.set_registered({"8:0"});
    client.set_holding(true);
    client.correct(PathManager::Key{{2}, false}, false);
    MultipathdClient left = this->client();
    left.set_key({{1}, false});
    left.set_registered({"8:0"});
    left.set_holding(true);
    left.correct(std::nullopt, false);
    FakeMultipathd multipathd(address_, FakeMultipathd::version(14));
    EXPECT_EQ(client.tell_untold().again, std::nullopt);
    EXPECT_EQ(left.tell_untold().again, std::nullopt);
    EXPECT_EQ(multipathd.commands(),
              (Lines{"setprkey map dm-3 key 2", "setprstatus map dm-3 pathlist \"8:0\"",
                     "unsetprhold map dm-3", "unsetprkey map dm-3", "unsetprstatus map dm-3"}));
}

TEST_F(MultipathdClientTest, ARequestWaitsForASlowMultipathdOnce) {
    FakeMultipathd multipathd(address_, FakeMultipathd::version(14), FakeMultipathd::Manner::Hang);
    MultipathdSocket socket({address_, 50ms, 0ms, 10s});
    MultipathdClient client(socket, map_.map(), [](std::string_view) {});
    client.begin_request();
    register_and_leave(client);
    EXPECT_TRUE(eventually([&] { return !multipathd.commands().empty(); }));
    EXPECT_EQ(multipathd.commands(), Lines{"setprkey map dm-3 key 123abc:aptpl"});
    multipathd.set_manner(FakeMultipathd::Manner::Answer);
    EXPECT_EQ(client.tell_untold().again, std::nullopt);
    EXPECT_EQ(multipathd.commands(),
              (Lines{"setprkey map dm-3 key 123abc:aptpl", "unsetprkey map dm-3", "unsetprstatus map dm-3"}));
}

TEST_F(MultipathdClientTest, ARefusedKeyIsToldAgainAfterALongRest) {
    std::atomic<bool> has_line = false;
    FakeMultipathd multipathd(address_, [&](const std::string& command) {
        if (command.starts_with("getprstatus")) return "unset\n";
        return has_line || !command.starts_with("setprkey") ? "ok\n" : "fail\n";
    });
    MultipathdSocket socket({address_, 10s, 1ms});
    MultipathdClient client(socket, map_.map(), [](std::string_view) {});
    client.set_key({{1}, false});
    client.set_registered({"8:0"});
    EXPECT_TRUE(client.has_untold());
    has_line = true;
    EXPECT_TRUE(eventually([&] { return !client.tell_untold().again; }));
    EXPECT_EQ(multipathd.commands().back(), "setprkey map dm-3 key 1");
}

}  // namespace
}  // namespace prh::test
