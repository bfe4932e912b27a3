// SPDX-License-Identifier: MIT
// The directory of what outlives the process: made when needed, ours alone, given away only while empty.
#include "multipath/state_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/process.h"

namespace prh::test {
namespace {

constexpr uid_t kStranger = 4242;

class StateDirectoryTest : public ::testing::Test {
  protected:
    uid_t owner() const {
        struct stat status {};
        return ::stat(state_.path().c_str(), &status) == 0 ? status.st_uid : static_cast<uid_t>(-1);
    }
    bool is_to_be_had() { return state_.get().value() != nullptr; }

    TemporaryDirectory directory_;
    std::vector<std::string> reports_;
    StateDirectory state_{directory_ / "state",
                          [this](std::string_view text) { reports_.emplace_back(text); }};
};

TEST_F(StateDirectoryTest, IsMadeWhenItIsNeeded) {
    EXPECT_FALSE(exists(state_.path()));
    EXPECT_TRUE(is_to_be_had());
    EXPECT_TRUE(exists(state_.path()));
    EXPECT_EQ(state_.get().value(), state_.get().value());
}

TEST_F(StateDirectoryTest, IsMadeAgainWhenSomebodyRemovedIt) {
    EXPECT_TRUE(is_to_be_had());
    std::filesystem::remove(state_.path());
    EXPECT_TRUE(is_to_be_had());
    EXPECT_TRUE(exists(state_.path()));
}

TEST_F(StateDirectoryTest, MustBeOurs) {
    ASSERT_EQ(::mkdir(state_.path().c_str(), 0700), 0);
    ASSERT_EQ(::chown(state_.path().c_str(), kStranger, kStranger), 0);
    EXPECT_FALSE(is_to_be_had());
    EXPECT_FALSE(is_to_be_had());
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_NE(reports_[0].find("it belongs to user 4242, and this program runs as user 0"), std::string::npos)
        << reports_[0];
}

TEST_F(StateDirectoryTest, MustBeClosedToOthers) {
    for (const mode_t mode : {0770U, 0707U}) {
        std::filesystem::remove(state_.path());
        ASSERT_EQ(::mkdir(state_.path().c_str(), 0700), 0);
        ASSERT_EQ(::chmod(state_.path().c_str(), mode), 0);
        EXPECT_FALSE(is_to_be_had());
    }
    EXPECT_EQ(reports_.size(), 1U);
}

TEST_F(StateDirectoryTest, MustBeNoLinkAndNoFile) {
    ASSERT_EQ(::mkdir((directory_ / "elsewhere").c_str(), 0700), 0);
    std::filesystem::create_symlink(directory_ / "elsewhere", state_.path());
    EXPECT_FALSE(is_to_be_had());
    std::filesystem::remove(state_.path());
    write_file(state_.path(), "");
    EXPECT_FALSE(is_to_be_had());
    std::filesystem::remove(state_.path());
    EXPECT_TRUE(is_to_be_had()) << "it may get better";
}

TEST_F(StateDirectoryTest, IsGivenToTheUserThatTheProcessBecomes) {
    state_.prepare_for(kStranger);
    EXPECT_EQ(owner(), kStranger);
    EXPECT_TRUE(is_to_be_had()) << "the descriptor is ours from before";
    EXPECT_TRUE(reports_.empty());
}

TEST_F(StateDirectoryTest, WithFilesOfAnotherUserIsNotTakenAway) {
    ASSERT_EQ(::mkdir(state_.path().c_str(), 0700), 0);
    write_file(state_.path() + "/record", "of another instance");
    state_.prepare_for(kStranger);
    EXPECT_EQ(owner(), 0U);
}

TEST_F(StateDirectoryTest, LeftEmptyByAnotherUserIsTaken) {
    StateDirectory(state_.path(), [](std::string_view) {}).prepare_for(kStranger);
    EXPECT_EQ(owner(), kStranger);
    state_.prepare_for(4343);
    EXPECT_EQ(owner(), 4343U);
}

TEST_F(StateDirectoryTest, InUseByAnotherProcessIsNotTakenAway) {
    state_.prepare_for(kStranger);
    StateDirectory(state_.path(), [](std::string_view) {}).prepare_for(4343);
    EXPECT_EQ(owner(), kStranger);
    StateDirectory same(state_.path(), [](std::string_view) {});
    same.prepare_for(kStranger);
    EXPECT_NE(same.get(), nullptr) << "two instances of one user may share it";
}

}  // namespace
}  // namespace prh::test
