// SPDX-License-Identifier: MIT
// Who closes a descriptor, and when; and the checks of our own code.
#include <gtest/gtest.h>

#include <cerrno>

#include "base/check.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "support/process.h"
#include "unit/counted_pipe.h"

namespace prh::test {
namespace {

TEST(UniqueFd, HasNothingAtFirst) {
    const UniqueFd none;
    EXPECT_FALSE(none.valid());
    EXPECT_FALSE(none.ref().valid());
    EXPECT_EQ(none.ref(), FdRef());
}

TEST(UniqueFd, ClosesAtItsEnd) {
    CountedPipe pipe;
    {
        const UniqueFd owner = pipe.take();
        EXPECT_TRUE(owner.valid());
        EXPECT_TRUE(pipe.is(owner.ref()));
        EXPECT_FALSE(pipe.closed());
    }
    EXPECT_TRUE(pipe.closed());
}

TEST(UniqueFd, MovedIsClosedByTheNewOwnerAlone) {
    CountedPipe pipe;
    UniqueFd second;
    {
        UniqueFd first = pipe.take();
        second = std::move(first);
        EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): that is the question
    }
    EXPECT_FALSE(pipe.closed());
    { const UniqueFd third(std::move(second)); }
    EXPECT_TRUE(pipe.closed());
}

TEST(UniqueFd, AssignmentClosesWhatWasOwnedBefore) {
    CountedPipe first, second;
    UniqueFd owner = first.take();
    owner = second.take();
    EXPECT_TRUE(first.closed());
    EXPECT_FALSE(second.closed());
    UniqueFd& itself = owner;
    owner = std::move(itself);
    EXPECT_FALSE(second.closed()) << "moved to itself";
    owner.reset();
    EXPECT_TRUE(second.closed());
}

TEST(UniqueFd, ReleasedIsLeftOpen) {
    CountedPipe pipe;
    UniqueFd owner = pipe.take();
    const UniqueFd again(owner.release());
    owner.reset();
    EXPECT_FALSE(pipe.closed());
}

TEST(UniqueFd, IsClosedOnce) {
    CountedPipe first, second;
    UniqueFd owner = first.take();
    const int number = owner.get();
    owner.reset();
    const UniqueFd other(
        ::fcntl(second.writer(), F_DUPFD_CLOEXEC, number));  // somebody else's takes its number
    ASSERT_EQ(other.get(), number);
    owner.reset();
    EXPECT_TRUE(second.is(other.ref()));
}

TEST(UniqueFd, ClosingLeavesErrnoAlone) {
    UniqueFd broken(1'000'000);
    errno = ENODATA;
    broken.reset();
    EXPECT_EQ(errno, ENODATA);
}

TEST(Check, HoldsInEveryBuild) {
    EXPECT_DEATH(PRH_CHECK(1 + 1 == 3), "base_unique_fd_test.cc:[0-9]+: check failed: 1 \\+ 1 == 3");
    PRH_CHECK(1 + 1 == 2);
}

TEST(Result, AnErrorOfTheKernelHasItsWords) {
    const Status failed = fail_errno("cannot do it", ENOENT);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "cannot do it: No such file or directory");
    EXPECT_EQ(failed.error().code, ENOENT);
    const Result<int> ours = fail("no");
    EXPECT_EQ(ours.error().code, 0);
}

}  // namespace
}  // namespace prh::test
