// SPDX-License-Identifier: MIT
// Paths whose nodes this process cannot open, and somebody else can.
#include <mutex>

#include "multipath_io/path_set_fixture.h"

namespace prh::test {
namespace {

class PathSetBrokerTest : public PathSetTest {
  protected:
    using Opened = Result<UniqueFd>;

    void SetUp() override {
        PathSetTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        client_ = UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
        add("sda", 0);
        map_.add("sdb", loops_[1].number());  // without a node
    }
    void TearDown() override {
        stuck_ = false;
        EXPECT_TRUE(eventually([this] { return waiting_ == 0; }));
        PathSetTest::TearDown();
    }
    PathSet paths(std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
        PathSetSettings settings;
        settings.dev = map_.dev();
        settings.timeout = timeout;
        settings.broker = [this](FdRef map, const std::string& name, const std::string& number) {
            ++waiting_;
            {
                const std::lock_guard lock(mutex_);
                asked_.push_back(name + " " + number);
            }
            shared_with_client_ = map == client_.ref();
            while (stuck_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            Opened opened = answer_();
            --waiting_;
            return opened;
        };
        return PathSet(map_.map(), map_.wwid(), settings, couriers_, trace_,
                       [this](std::string_view text) { reports_.emplace_back(text); });
    }
    /// As for one request.
    void look_at(PathSet& paths) const {
        paths.lend(client_.ref());
        paths.refresh();
    }
    Names asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    Opened node_of(std::size_t loop) const {
        return UniqueFd(::open(loops_[loop].node().c_str(), O_RDONLY | O_CLOEXEC));
    }
    std::string sdb() const { return "sdb (" + number(1) + "): "; }
    std::string no_node() const { return map_.dev() + "/sdb: No such file or directory"; }

    UniqueFd client_;
    std::function<Opened()> answer_ = [this] { return node_of(1); };
    std::atomic<bool> stuck_ = false;
    std::atomic<int> waiting_ = 0;
    std::atomic<bool> shared_with_client_ = false;
    std::mutex mutex_;
    Names asked_;
};

TEST_F(PathSetBrokerTest, APathWithoutANodeIsOpenedByTheBroker) {
    PathSet paths = this->paths();
    look_at(paths);
    EXPECT_EQ(asked(), Names{"sdb " + number(1)}) << "only for what we cannot open";
    EXPECT_FALSE(shared_with_client_) << "the client's descriptor may be closed before the broker answers";
    EXPECT_TRUE(paths.usable(0));
    EXPECT_TRUE(paths.usable(1));
    EXPECT_EQ(paths.out_of_reach(), Names{});
    EXPECT_EQ(reports_, Names{});
    look_at(paths);
    EXPECT_EQ(asked().size(), 1U);
}

TEST_F(PathSetBrokerTest, WithoutAClientsDescriptorItIsNotAsked) {
    PathSet paths = this->paths();
    look_at(paths);
    map_.add("sdc", loops_[2].number());
    paths.lend({});
    paths.refresh();
    EXPECT_EQ(asked().size(), 1U);
    EXPECT_EQ(paths.out_of_reach().size(), 1U);
}

TEST_F(PathSetBrokerTest, WhatItRefusesStaysOutOfReach) {
    answer_ = [] { return fail("the path broker has ended"); };
    PathSet paths = this->paths();
    for (int i = 0; i < 2; ++i) {
        look_at(paths);
        EXPECT_EQ(paths.out_of_reach(), Names{sdb() + no_node() + "; the path broker has ended"});
    }
    EXPECT_EQ(reports_, Names{kPrefix + sdb() + no_node() + "; the path broker has ended"}) << "once";
}

TEST_F(PathSetBrokerTest, ADiskThatCannotBeOpenedIsTheMapsLoss) {
    answer_ = [] { return fail_errno("the path broker", ENXIO); };
    PathSet paths = this->paths();
    look_at(paths);
    EXPECT_FALSE(paths.usable(1));
    EXPECT_EQ(paths.out_of_reach(), Names{}) << "the map cannot use it either";
}

TEST_F(PathSetBrokerTest, AnotherDisksNodeIsNotTaken) {
    answer_ = [this] { return node_of(2); };
    PathSet paths = this->paths();
    look_at(paths);
    EXPECT_FALSE(paths.usable(1));
    EXPECT_EQ(paths.out_of_reach(), Names{sdb() + no_node() + "; the path broker has opened another device"});
}

TEST_F(PathSetBrokerTest, OneThatHangsCostsTheTimeoutOnceAndThePathIsOutOfReach) {
    stuck_ = true;
    PathSet paths = this->paths(kShort);
    look_at(paths);
    EXPECT_TRUE(paths.usable(0));
    EXPECT_EQ(paths.out_of_reach(), Names{sdb() + "the path broker has not answered yet"});
    look_at(paths);
    EXPECT_EQ(asked().size(), 1U) << "it is not asked again meanwhile";
    EXPECT_EQ(paths.out_of_reach(), Names{sdb() + "the path broker has not answered yet"});
    stuck_ = false;
    EXPECT_TRUE(eventually([this] { return waiting_ == 0; }));
    EXPECT_TRUE(eventually([&] {
        look_at(paths);
        return paths.usable(1);
    }));
    EXPECT_EQ(paths.out_of_reach(), Names{});
}

}  // namespace
}  // namespace prh::test
