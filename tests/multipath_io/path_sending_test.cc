// SPDX-License-Identifier: MIT
// Commands down the paths of a map: whose answer it is, and what it costs when a path hangs.
#include "multipath_io/path_set_fixture.h"

namespace prh::test {
namespace {

TEST_F(PathSetTest, AnotherDiskUnderTheSameNumberIsAnotherPath) {
    add("sda", 0);
    PathSet paths = this->paths(kShort);
    paths.refresh();
    if (!paths.any_open()) PRH_CANNOT_RUN("no node");
    held_ = true;
    EXPECT_EQ(paths.send(0, kTestUnitReady).delivery, Delivery::TimedOut);
    EXPECT_FALSE(paths.usable(0));
    map_.remove("sda");
    add("sda", 0);
    paths.refresh();
    EXPECT_TRUE(paths.usable(0)) << "what hangs is the disk that was there before";
}

TEST_F(PathSetTest, AnswersComeFromThePathThatWasAsked) {
    add("sda", 0);
    add("sdb", 1);
    PathSet paths = this->paths();
    paths.refresh();
    std::uint8_t first[8]{};
    std::uint8_t second[8]{};
    const Cdb cdb = Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8);
    const std::vector<Sending> sendings{{1, {cdb, {}, second}}, {0, {cdb, {}, first}}};
    const auto answers = paths.send_all(sendings);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].delivery, Delivery::Answered);
    EXPECT_EQ(answers[0].result.data_length, 1U);
    EXPECT_EQ(second[0], number(1).back());
    EXPECT_EQ(first[0], number(0).back());
    EXPECT_TRUE(paths.send_all({}).empty());
}

TEST_F(PathSetTest, PathsThatWereUsedAreNotedWhileSomebodyWantsToKnow) {
    add("sda", 0);
    add("sdb", 1);
    PathSet paths = this->paths();
    paths.refresh();
    std::uint8_t data[8]{};
    const PathCommand read{Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8), {}, data};
    const PathCommand change{Cdb::persistent_reserve_out(PrOutAction::Clear, 0, 0), {}, {}};
    Names used;
    paths.send(0, change);
    paths.note_use(kPersistentReserveOut, &used);
    paths.send(0, read);
    paths.send(0, kTestUnitReady);
    EXPECT_EQ(used, Names{}) << "that is not what was asked for";
    paths.send(1, change);
    EXPECT_EQ(used, Names{"sdb"});
    const std::vector<Sending> both{{0, change}, {1, change}};
    paths.send_all(both);
    EXPECT_EQ(used, (Names{"sdb", "sda"})) << "in the order of their first use, each once";
    paths.note_use(kPersistentReserveOut, nullptr);
    paths.send(0, change);
}

TEST_F(PathSetTest, APathThatNothingIsSentDownIsNotNoted) {
    add("sda", 0);
    PathSet paths = this->paths(kShort);
    paths.refresh();
    const PathCommand change{Cdb::persistent_reserve_out(PrOutAction::Clear, 0, 0), {}, {}};
    held_ = true;
    EXPECT_EQ(paths.send(0, kTestUnitReady).delivery, Delivery::TimedOut);
    Names used;
    paths.note_use(kPersistentReserveOut, &used);
    EXPECT_EQ(paths.send(0, change).delivery, Delivery::Unreachable);
    EXPECT_EQ(used, Names{}) << "the path hangs";
    held_ = false;
    EXPECT_TRUE(eventually([&] { return paths.usable(0); }));
    delivery_ = SgDelivery::Unreachable;
    EXPECT_EQ(paths.send(0, change).delivery, Delivery::Unreachable);
    EXPECT_EQ(used, Names{"sda"}) << "it may have been executed";
}

TEST_F(PathSetTest, APathThatHangsCostsItsDeadlineOnce) {
    add("sda", 0);
    add("sdb", 1);
    PathSet paths = this->paths(kShort);
    paths.refresh();
    held_ = true;
    std::uint8_t data[8]{};
    const Cdb cdb = Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8);
    const std::vector<Sending> both{{0, {cdb, {}, data}}, {1, kTestUnitReady}};
    const auto answers = paths.send_all(both);
    EXPECT_EQ(answers[0].delivery, Delivery::TimedOut);
    EXPECT_EQ(answers[0].result.status, ScsiStatus::CheckCondition);
    EXPECT_EQ(answers[1].delivery, Delivery::Answered);
    EXPECT_EQ(data[0], 0) << "nobody writes there later";
    EXPECT_FALSE(paths.usable(0));
    EXPECT_TRUE(paths.usable(1));

    EXPECT_EQ(paths.send(0, kTestUnitReady).delivery, Delivery::Unreachable);
    EXPECT_EQ(begun_, 2) << "nothing is sent behind it";
    paths.refresh();
    EXPECT_FALSE(paths.usable(0));

    held_ = false;
    EXPECT_TRUE(eventually([&] { return paths.usable(0); })) << "the kernel let it go";
    EXPECT_EQ(paths.send(0, kTestUnitReady).delivery, Delivery::Answered);
    EXPECT_EQ(data[0], 0);
}

TEST_F(PathSetTest, APathThatHangsMayOutliveTheMap) {
    add("sda", 0);
    {
        PathSet paths = this->paths(kShort);
        paths.refresh();
        held_ = true;
        std::uint8_t data[8]{};
        EXPECT_EQ(paths.send(0, {Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8), {}, data}).delivery,
                  Delivery::TimedOut);
    }
    held_ = false;
    EXPECT_TRUE(eventually([this] { return returned_ == 1; }));
}

TEST_F(PathSetTest, TheTransportsFailuresAreNoAnswers) {
    add("sda", 0);
    PathSet paths = this->paths();
    paths.refresh();
    delivery_ = SgDelivery::Unreachable;
    EXPECT_EQ(paths.send(0, kTestUnitReady).delivery, Delivery::Unreachable);
    delivery_ = SgDelivery::TimedOut;
    EXPECT_EQ(paths.send(0, kTestUnitReady).delivery, Delivery::TimedOut);
    EXPECT_TRUE(paths.usable(0)) << "the kernel ended it itself";
}

TEST_F(PathSetTest, EveryPathIsTraced) {
    TemporaryDirectory directory;
    ASSERT_TRUE(trace_.open_file(directory / "trace"));
    trace_.set("device_*", true);
    add("sda", 0);
    PathSet paths = this->paths();
    paths.refresh();
    paths.send(0, {Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8), {}, {}});
    const std::string text = read_file(directory / "trace");
    EXPECT_NE(text.find(" device_command device=" + number(0) + " PERSISTENT RESERVE IN, READ KEYS"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(" device_result device=" + number(0) + " answered, GOOD, 0 bytes, "),
              std::string::npos)
        << text;
}

}  // namespace
}  // namespace prh::test
