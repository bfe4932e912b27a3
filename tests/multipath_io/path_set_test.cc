// SPDX-License-Identifier: MIT
// The paths of a map: which disks are taken for paths, what they are called, and when they are usable.
#include <sys/stat.h>

#include "multipath_io/path_set_fixture.h"
#include "multipath_io/slow_close.h"

namespace prh::test {
namespace {

TEST_F(PathSetTest, TheDisksBelowTheMapAreItsPaths) {
    add("sda", 0);
    add("sdb", 1);
    PathSet paths = this->paths();
    EXPECT_EQ(paths.count(), 0U) << "before the first look";
    paths.refresh();
    EXPECT_EQ(names(paths), (Names{number(0), number(1)}));
    EXPECT_TRUE(paths.usable(0));
    EXPECT_TRUE(paths.any_open());
    EXPECT_TRUE(reports_.empty());
}

TEST_F(PathSetTest, PathsThatStayKeepTheirOrder) {
    add("sdb", 0);
    add("sdc", 1);
    PathSet paths = this->paths();
    paths.refresh();
    add("sda", 2);
    paths.refresh();
    EXPECT_EQ(names(paths), (Names{number(0), number(1), number(2)})) << "a newcomer is the last";
    map_.remove("sdb");
    paths.refresh();
    EXPECT_EQ(names(paths), (Names{number(1), number(2)})) << "the gap is closed";
}

TEST_F(PathSetTest, NobodyWaitsForTheDiskOfAPathThatIsGone) {
    add("sda", 0);
    add("sdb", 1);
    SlowClose slow;
    PathSetSettings settings;
    settings.dev = map_.dev();
    settings.close = slow.close();
    PathSet paths(map_.map(), map_.wwid(), settings, couriers_, trace_, [](std::string_view) {});
    paths.refresh();
    map_.remove("sda");
    paths.refresh();
    EXPECT_EQ(names(paths), Names{number(1)});
    EXPECT_TRUE(eventually([&] { return slow.begun() == 1; }));
    EXPECT_EQ(slow.ended(), 0);
}

TEST_F(PathSetTest, APathThatTheKernelDoesNotRunIsNotUsable) {
    add("sda", 0);
    PathSet paths = this->paths();
    paths.refresh();
    for (const char* state : {"offline", "transport-offline", "blocked"}) {
        map_.set_state("sda", state);
        paths.refresh();
        EXPECT_FALSE(paths.usable(0)) << state;
    }
    map_.set_state("sda", "running");
    paths.refresh();
    EXPECT_TRUE(paths.usable(0));
}

TEST_F(PathSetTest, APathThatIsDownFromTheStartIsAPathAndOpenedLater) {
    add("sda", 0);
    map_.set_state("sda", "transport-offline");
    PathSet paths = this->paths();
    paths.refresh();
    EXPECT_EQ(names(paths), Names{number(0)});
    EXPECT_FALSE(paths.any_open());
    EXPECT_FALSE(paths.usable(0));
    EXPECT_EQ(paths.send(0, kTestUnitReady).delivery, Delivery::Unreachable);
    EXPECT_EQ(begun_, 0);
    map_.set_state("sda", "running");
    paths.refresh();
    EXPECT_TRUE(paths.usable(0));
    EXPECT_TRUE(reports_.empty());
}

TEST_F(PathSetTest, ADiskOfAnotherLogicalUnitIsNoPath) {
    add("sda", 0);
    add("sdb", 1, identification_page(FakeMap::kNaa + 1));
    PathSet paths = this->paths();
    paths.refresh();
    EXPECT_EQ(names(paths), Names{number(0)});
    paths.refresh();
    EXPECT_EQ(reports_,
              Names{kPrefix + "sdb (" + number(1) +
                    "): it is another logical unit than the map says, or than the other paths are"});
}

TEST_F(PathSetTest, WhereTheNameOfTheMapSaysNothingTheMajorityDecides) {
    map_.set_uuid("mpath-mine");
    const Page other = identification_page(FakeMap::kNaa + 1);
    add("sda", 0, other);
    add("sdb", 1);
    add("sdc", 2);
    PathSetSettings settings;
    settings.dev = map_.dev();
    PathSet paths(map_.map(), "mine", settings, couriers_, trace_,
                  [this](std::string_view text) { reports_.emplace_back(text); });
    paths.refresh();
    EXPECT_EQ(names(paths), (Names{number(1), number(2)}));
    map_.remove("sdc");
    paths.refresh();
    EXPECT_EQ(names(paths), Names{number(1)}) << "what was found stays";

    PathSet again(map_.map(), "mine", settings, couriers_, trace_, [](std::string_view) {});
    again.refresh();
    EXPECT_EQ(again.count(), 0U) << "one against one: nobody knows";
}

TEST_F(PathSetTest, ADiskThatDoesNotSayWhatItIsIsNoPath) {
    add("sda", 0);
    add("sdb", 1, {});
    add("sdc", 2, identification_page(std::vector<Page>{}));
    PathSet paths = this->paths();
    paths.refresh();
    EXPECT_EQ(names(paths), Names{number(0)});
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_EQ(reports_[0], kPrefix + "sdb (" + number(1) +
                               "): it does not say which logical unit it is (VPD page 83h); sdc (" +
                               number(2) + "): it does not say which logical unit it is (VPD page 83h)");
}

TEST_F(PathSetTest, ADiskThatTheMapDoesNotHoldIsNoPath) {
    add("sda", 0);
    add("sdb", 1);
    map_.let_go("sdb");
    PathSet paths = this->paths();
    paths.refresh();
    EXPECT_EQ(names(paths), Names{number(0)});
}

TEST_F(PathSetTest, ANodeThatIsAnotherDeviceIsNotOpened) {
    add("sda", 0);
    map_.node("sda", loops_[1].node());
    add("sdb", 1);
    map_.node("sdb", "/dev/null");
    add("sdc", 2);
    map_.node("sdc", map_.dev() + "/missing");
    PathSet paths = this->paths();
    paths.refresh();
    EXPECT_EQ(paths.count(), 3U);
    EXPECT_FALSE(paths.any_open());
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_EQ(reports_[0], kPrefix + "sda (" + number(0) + "): " + map_.dev() +
                               "/sda is another device; sdb (" + number(1) + "): " + map_.dev() +
                               "/sdb is another device; sdc (" + number(2) + "): " + map_.dev() +
                               "/sdc: No such file or directory");
}

TEST_F(PathSetTest, WhereThereIsNoNodeOfThatNameOneByNumberWillDo) {
    add("sda", 0);
    map_.node("sda", "/dev/null");
    ::mkdir((map_.dev() + "/block").c_str(), 0755);
    map_.node("block/" + number(0), loops_[0].node());
    PathSet paths = this->paths();
    paths.refresh();
    EXPECT_TRUE(paths.usable(0));
}

TEST_F(PathSetTest, PortsAreTheInitiatorsAndTheTargets) {
    add("sda", 0, identification_page(FakeMap::kNaa, 5));
    add("sdb", 1, identification_page(std::vector<Page>{naa(FakeMap::kNaa)}));
    map_.write("class/fc_host/host7/port_name", "0x2100001122334455\n");
    PathSet paths = this->paths();
    paths.refresh();
    EXPECT_EQ(paths.ports(0), (PortPair{TransportId::fibre_channel(0x2100001122334455), 5}));
    EXPECT_EQ(paths.ports(1), std::nullopt) << "half of it is not enough";
}

}  // namespace
}  // namespace prh::test
