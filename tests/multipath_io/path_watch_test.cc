// SPDX-License-Identifier: MIT
// When the watch of paths lets an engine look after a map. The engine is the test's.
#include "multipath/path_watch.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "multipath/record_store.h"
#include "multipath_io/fake_map.h"

namespace prh::test {
namespace {

class PathWatchTest : public ::testing::Test {
  protected:
    using Tended = PathWatch::Tended;

    PathWatchTest() { map_.add("sda", "8:0"), map_.add("sdb", "8:16"); }
    ~PathWatchTest() override {
        if (watch_) watch_->stop();
    }
    void start(std::chrono::milliseconds period = std::chrono::milliseconds(5)) {
        PathSetSettings paths;
        paths.dev = map_.dev();  // without a node: none can be asked, and each is tended
        const auto report = [this](std::string_view text) {
            const std::lock_guard lock(mutex_);
            reports_.emplace_back(text);
        };
        const auto tend = [this](const MultipathNode& node, const PathNews& news) {
            const std::lock_guard lock(mutex_);
            news_.push_back(news);
            nodes_.push_back(node.number);
            return answer_.load();
        };
        PathWatchSettings settings;
        settings.period = period;
        settings.quick_period = std::chrono::milliseconds(5);
        settings.longest_rest = std::max(period, std::chrono::milliseconds(20));
        settings.search = std::chrono::milliseconds(20);
        watch_.emplace(settings, paths, map_.sysfs(), state_, couriers_, report, tend);
        watch_->start();
    }
    void keep(const MapRecord& record) {
        state_.prepare_for(::geteuid());
        FileRecordStore store(state_, "mpath-" + map_.wwid(), "mpatha", [](std::string_view) {});
        ASSERT_TRUE(store.save(record));
    }
    static MapRecord registered() {
        MapRecord record;
        record.key = {0x1111};
        return record;
    }
    std::size_t tended() const {
        const std::lock_guard lock(mutex_);
        return news_.size();
    }
    bool is_tended(std::size_t times) {
        return eventually([&] { return tended() >= times; });
    }
    /// The path with this number was said to be unsure.
    bool is_told_of(const std::string& number) {
        return eventually([&] {
            const std::lock_guard lock(mutex_);
            return std::ranges::any_of(
                news_, [&](const PathNews& news) { return std::ranges::count(news.unsure, number) != 0; });
        });
    }
    std::size_t reports() const {
        const std::lock_guard lock(mutex_);
        return reports_.size();
    }
    static constexpr std::chrono::hours kNever{1};  // no look but the first
    /// The watch has looked several times since.
    void let_it_look() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

    TemporaryDirectory directory_;
    StateDirectory state_{directory_ / "state", [](std::string_view) {}};
    FakeMap map_;
    Couriers couriers_;
    mutable std::mutex mutex_;
    std::vector<PathNews> news_;
    std::vector<std::string> nodes_;
    std::vector<std::string> reports_;
    std::atomic<Tended> answer_ = Tended::Done;
    std::optional<PathWatch> watch_;
};

TEST_F(PathWatchTest, AMapWithARecordIsTendedAtTheStart) {
    keep(registered());
    start();
    EXPECT_TRUE(is_tended(1));
    EXPECT_EQ(nodes_.front(), map_.number());
    EXPECT_TRUE(news_.front().unsure.empty()) << "nothing is known of what was before";
}

TEST_F(PathWatchTest, APathThatIsRunningAgainIsTended) {
    map_.set_state("sdb", "offline");
    keep(registered());
    start();
    ASSERT_TRUE(is_tended(1));
    map_.set_state("sdb", "running");
    EXPECT_TRUE(is_told_of("8:16"));
}

TEST_F(PathWatchTest, APathThatIsAwayIsLookedAtBetweenTwoLooks) {
    map_.set_state("sdb", "offline");
    keep(registered());
    start(kNever);
    ASSERT_TRUE(is_tended(1));
    map_.set_state("sdb", "running");
    EXPECT_TRUE(is_told_of("8:16"));
}

TEST_F(PathWatchTest, WhileAPathIsAwayNothingElseIsLookedAtBetweenTwoLooks) {
    map_.set_state("sdb", "offline");
    keep(registered());
    start(kNever);
    ASSERT_TRUE(is_tended(1));
    map_.set_state("sda", "offline");
    map_.add("sdc", "8:32");
    let_it_look();
    EXPECT_EQ(tended(), 1U);
}

TEST_F(PathWatchTest, AMapThatSomebodyElseIsWithIsTriedAgainBetweenTwoLooks) {
    keep(registered());
    answer_ = Tended::Busy;
    start(kNever);
    EXPECT_TRUE(is_tended(3));
    answer_ = Tended::Done;
}

TEST_F(PathWatchTest, ANewPathIsTended) {
    keep(registered());
    start();
    ASSERT_TRUE(is_tended(1));
    map_.add("sdc", "8:32");
    EXPECT_TRUE(is_told_of("8:32"));
}

TEST_F(PathWatchTest, AMapIsTendedWhenItLosesAPath) {
    keep(registered());
    start();
    ASSERT_TRUE(is_tended(1));
    map_.set_state("sdb", "offline");
    EXPECT_TRUE(is_tended(2));
    map_.remove("sda");
    EXPECT_TRUE(is_tended(3));
}

TEST_F(PathWatchTest, APathThatLacksTheKeyIsTendedUntilItIsMadeGood) {
    MapRecord record = registered();
    record.missed = {"8:16"};
    keep(record);
    answer_ = Tended::Unfinished;
    start();
    EXPECT_TRUE(is_tended(4));
    record.missed.clear();
    keep(record);
    let_it_look();
    const std::size_t before = tended();
    let_it_look();
    EXPECT_LE(tended(), before + 1) << "and then no more";
}

TEST_F(PathWatchTest, WhatAProcessThatDiedHasBegunIsTended) {
    keep(registered());
    start();
    ASSERT_TRUE(is_tended(1));
    MapRecord record = registered();
    record.trying = {0x2222};
    answer_ = Tended::Busy;  // it is alive yet
    keep(record);
    EXPECT_TRUE(is_tended(5)) << "until it is this one's turn";
}

TEST_F(PathWatchTest, ARecordThatComesLaterIsWatchedOnceItIsSaid) {
    map_.set_state("sdb", "offline");
    start();
    watch_->wake();
    keep(registered());
    watch_->wake();
    // The first look is one of many: only what changes after it is news.
    EXPECT_TRUE(eventually([&] {
        map_.set_state("sdb", "offline");
        let_it_look();
        map_.set_state("sdb", "running");
        let_it_look();
        return tended() > 0;
    }));
}

TEST_F(PathWatchTest, AMapThatComesLaterThanItsRecordIsTended) {
    const std::string link = map_.sysfs() + "/block/" + map_.map().kernel_name();
    const std::filesystem::path target = std::filesystem::read_symlink(link);
    std::filesystem::remove(link);
    keep(registered());
    start();
    let_it_look();
    EXPECT_EQ(tended(), 0U);
    std::filesystem::create_directory_symlink(target, link);
    EXPECT_TRUE(is_tended(1));
}

TEST_F(PathWatchTest, ARecordOfNothingThatIsOursIsNotWatched) {
    MapRecord record;
    record.own = {PortPair{TransportId::sas(1), 1}};
    keep(record);
    start();
    let_it_look();
    map_.set_state("sdb", "offline");
    let_it_look();
    EXPECT_EQ(tended(), 0U);
}

TEST_F(PathWatchTest, AMapIsTendedWhenTheClientIsGoneThatRegistered) {
    keep(registered());
    start();
    ASSERT_TRUE(is_tended(1));
    watch_->look_after({"254:9"});
    watch_->look_after({map_.number()});
    EXPECT_TRUE(is_tended(2));
}

TEST_F(PathWatchTest, WithoutDescriptorsItSaysSoOnceAndGoesOnLater) {
    keep(registered());
    start();
    ASSERT_TRUE(is_tended(1));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 3;  // what is open stays open
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const bool is_said = eventually([&] { return reports() > 0; });
    let_it_look();
    const std::size_t tended_without = tended();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(is_said);
    EXPECT_EQ(reports(), 1U);
    EXPECT_EQ(tended_without, 1U) << "paths that cannot be looked at are not taken for gone";
    map_.add("sdc", "8:32");
    EXPECT_TRUE(is_told_of("8:32"));
}

TEST_F(PathWatchTest, AFlappingPathIsTendedNoOftenerThanItIsLookedAt) {
    keep(registered());
    start();
    ASSERT_TRUE(is_tended(1));
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) map_.set_state("sdb", i % 2 == 0 ? "offline" : "running");
    const auto periods = (std::chrono::steady_clock::now() - begun) / std::chrono::milliseconds(5);
    EXPECT_LE(tended(), static_cast<std::size_t>(periods) + 3);
}

}  // namespace
}  // namespace prh::test
