// SPDX-License-Identifier: MIT
// What is read of a process that is not one's own.
#include "diagnose/helper_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/process.h"

namespace prh::test {
namespace {

using namespace prh::ctl;

TEST(HelperProcess, RightsAreThoseOfTheStatusFile) {
    const auto rights = parse_thread_rights(
        "Name:\tqemu-pr-helper\nCapInh:\t0000000000000000\nCapPrm:\t0000000000020000\n"
        "CapEff:\t0000000000020000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n");
    EXPECT_EQ(rights, (ThreadRights{0x20000, 0x20000, true, true}));
    EXPECT_FALSE(parse_thread_rights("Name:\tx\nCapEff:\t0\nCapPrm:\t0\nSeccomp:\t0\n"))
        << "a line is missing";
    EXPECT_FALSE(parse_thread_rights("CapEff:\t\nCapPrm:\tx\nNoNewPrivs:\t1\nSeccomp:\t2\n"));
}

TEST(HelperProcess, TheUnitIsThatOfTheControlGroup) {
    EXPECT_EQ(parse_unit("0::/system.slice/qemu-pr-helper.service\n"), "qemu-pr-helper.service");
    EXPECT_EQ(parse_unit("0::/system.slice/a.service/sub\n"), "a.service");
    EXPECT_EQ(parse_unit("0::/user.slice/user-0.slice/session-1.scope\n"), "");
    EXPECT_EQ(parse_unit(""), "");
}

TEST(HelperProcess, AProcessIsReadWithItsThreadsAndItsCommandLine) {
    const Process sleeper({"sleep", "60"});
    ASSERT_TRUE(
        eventually([&] { return helper_process(sleeper.pid()).value_or(HelperProcess{}).name == "sleep"; }));
    const auto process = helper_process(sleeper.pid());
    ASSERT_TRUE(process);
    EXPECT_EQ(process->pid, sleeper.pid());
    EXPECT_EQ(process->command_line, (std::vector<std::string>{"sleep", "60"}));
    EXPECT_EQ(process->threads.size(), 1U);
    EXPECT_FALSE(helper_process(0));
    TemporaryDirectory empty;
    EXPECT_FALSE(helper_process(1, empty.path()));
}

}  // namespace
}  // namespace prh::test
