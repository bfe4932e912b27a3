// SPDX-License-Identifier: MIT
// The checks of a helper, each with what is well, what is wrong, and what cannot be known.
#include "diagnose/helper_checks.h"

#include <gtest/gtest.h>

#include "diagnose/says.h"
#include "diagnose/two_paths.h"

namespace prh::test {
namespace {

constexpr std::uint64_t kRawIo = 1U << 17U, kSysAdmin = 1U << 21U;

HelperView healthy_helper() {
    HelperView view;
    view.socket = "/var/run/qemu-pr-helper.sock";
    view.control = "/run/qemu-pr-helper/control";
    view.state.emplace();
    view.state->helper.program = "qemu-pr-helper";
    view.state->helper.version = "0.1.0";
    view.state->limits = {{"device_timeout_us", 30'000'000}};
    view.state->dependencies = {{"multipathd", "connected", ""}};
    view.process.emplace();
    view.process->pid = 812;
    view.process->name = "qemu-pr-helper";
    view.process->threads = {{kRawIo, kRawIo, true, true}, {kRawIo, kRawIo, true, true}};
    view.process->command_line = {"/usr/bin/qemu-pr-helper", "--control=/run/qemu-pr-helper/control"};
    view.process->unit = "qemu-pr-helper.service";
    return view;
}

HelperView without_control() {
    HelperView view = healthy_helper();
    view.state.reset();
    view.no_state = "cannot connect";
    return view;
}

TEST(HelperChecks, AHelperThatAnswersIsNamed) {
    EXPECT_TRUE(
        says(check_helper(healthy_helper()), Judgement::Ok, "qemu-pr-helper 0.1.0 (pid 812) answers"));
    EXPECT_TRUE(says(check_helper(without_control()), Judgement::Ok,
                     "a helper (pid 812) answers at /var/run/qemu-pr-helper.sock"));
    HelperView ending = healthy_helper();
    ending.state->helper.draining = true;
    EXPECT_TRUE(says(check_helper(ending), Judgement::Warning, "it is ending"));
}

TEST(HelperChecks, AHelperThatIsNotThereIsStartedWhereItsPlaceIsKnown) {
    HelperView view = without_control();
    view.unreachable = Failure{exit_code_of_errno(ENOENT), "cannot connect"};
    EXPECT_TRUE(says(check_helper(view), Judgement::Wrong, "cannot connect"));
    EXPECT_EQ(check_helper(view).fix.lines, "systemctl enable --now qemu-pr-helper.socket");
    view.socket = "/tmp/mine";
    EXPECT_EQ(check_helper(view).fix.lines, "");
    view.socket = "/run/qemu-pr-helper.sock";
    view.unreachable = Failure{exit_code_of_errno(EACCES), "this user may not write to the socket"};
    EXPECT_EQ(check_helper(view).fix.lines, "") << "it is there";
}

TEST(HelperChecks, WithoutAControlSocketMuchIsNotChecked) {
    const HelperView view = without_control();
    EXPECT_TRUE(says(check_control(healthy_helper()), Judgement::Ok, "/run/qemu-pr-helper/control"));
    EXPECT_TRUE(says(check_control(view), Judgement::NotChecked, "cannot connect"));
    EXPECT_TRUE(says(check_timeout(view), Judgement::NotChecked, "control socket"));
    EXPECT_TRUE(says(check_shared_nexuses(view), Judgement::NotChecked, "control socket"));
    EXPECT_TRUE(
        says(check_multipathd(view, {"", "defaults {"}, true), Judgement::NotChecked, "control socket"));
}

TEST(HelperChecks, OneCapabilityAndNoMore) {
    HelperView view = healthy_helper();
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Ok, "CAP_SYS_RAWIO alone on each of 2 threads"));
    view.process->threads[1].permitted |= kSysAdmin;
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Wrong, "mask 200000")) << "of one thread only";
    view.process->threads[1] = {0, 0, true, true};
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Wrong, "no CAP_SYS_RAWIO"));
    view.process->threads[1] = {kRawIo, kRawIo, false, true};
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Warning, "no_new_privs"));
    view.process->threads[1] = {kRawIo, kRawIo, true, false};
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Warning, "seccomp"));
    view.process.reset();
    EXPECT_TRUE(says(check_capabilities(view), Judgement::NotChecked, "cannot be seen"));
}

TEST(HelperChecks, AnEmulatorNeedsNoCapability) {
    HelperView view = healthy_helper();
    view.state->helper.program = "prhelper-emulator";
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Wrong, "mask 20000"));
    view.process->threads = {{0, 0, true, true}};
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Ok, "as an emulator needs"));
    view.state.reset();
    view.process->name = "prhelper-emulat";
    EXPECT_TRUE(says(check_capabilities(view), Judgement::Ok, "as an emulator needs"));
}

TEST(HelperChecks, MultipathdIsNeededByMapsAlone) {
    HelperView view = healthy_helper();
    EXPECT_TRUE(says(check_multipathd(view, {}, true), Judgement::Ok, "the helper gets to it"));
    EXPECT_TRUE(says(check_multipathd(view, {"refused", ""}, false), Judgement::Ok, "not needed"));
    const Diagnosis gone = check_multipathd(view, {"refused", ""}, true);
    EXPECT_TRUE(says(gone, Judgement::Wrong, "it does not answer (refused)"));
    EXPECT_EQ(gone.fix.lines, "systemctl enable --now multipathd.service");
}

TEST(HelperChecks, TheHelperMayNotGetToAMultipathdThatAnswers) {
    HelperView view = healthy_helper();
    view.state->dependencies = {{"multipathd", "unreachable", "Connection refused"}};
    const Diagnosis apart = check_multipathd(view, {}, true);
    EXPECT_TRUE(says(apart, Judgement::Wrong, "the helper does not get to it (Connection refused)"));
    EXPECT_EQ(apart.fix.lines, "[Service]\nPrivateNetwork=no");
    view.state->dependencies = {{"multipathd", "silent", "no answer"}};
    EXPECT_TRUE(says(check_multipathd(view, {}, true), Judgement::Wrong, "no answer"));
    view.state->dependencies.clear();
    EXPECT_TRUE(says(check_multipathd(view, {}, true), Judgement::NotChecked, "does not say"));
}

TEST(HelperChecks, TheTimeoutStandsBetweenTheArrayAndTheGuest) {
    HelperView view = healthy_helper();
    const auto with = [&](std::uint64_t seconds) {
        view.state->limits["device_timeout_us"] = seconds * 1'000'000;
        return check_timeout(view);
    };
    EXPECT_TRUE(says(with(30), Judgement::Ok, "30.0 s"));
    EXPECT_TRUE(says(with(7), Judgement::Ok, "7.0 s"));
    EXPECT_TRUE(says(with(31), Judgement::Warning, "Linux guest gives up"));
    EXPECT_TRUE(says(with(61), Judgement::Wrong, "guests give up before"));
    EXPECT_TRUE(says(with(2), Judgement::Wrong, "some seconds to fail over"));
    EXPECT_EQ(with(2).fix.lines,
              "[Service]\nExecStart=\nExecStart=/usr/bin/qemu-pr-helper "
              "--control=/run/qemu-pr-helper/control --timeout=30");
    view.state->limits.clear();
    EXPECT_TRUE(says(check_timeout(view), Judgement::Ok, "none"));
}

TEST(HelperChecks, AKernelWithoutLandlockIsTold) {
    HelperView view = healthy_helper();
    EXPECT_TRUE(says(check_landlock(without_control()), Judgement::NotChecked, "control socket"));
    EXPECT_TRUE(says(check_landlock(view), Judgement::NotChecked, "this version of the helper"));
    view.state->confinement = {"enforce", 3};
    EXPECT_TRUE(says(check_landlock(view), Judgement::Ok, "Landlock version 3"));
    view.state->confinement = {"enforce", 0};
    EXPECT_TRUE(says(check_landlock(view), Judgement::Warning, "the kernel has no Landlock"));
    view.state->confinement = {"off", 0};
    EXPECT_TRUE(says(check_landlock(view), Judgement::Warning, "--seccomp=off"));
}

TEST(HelperChecks, RegistrationsThroughOneNexusAreCounted) {
    HelperView view = healthy_helper();
    EXPECT_TRUE(says(check_shared_nexuses(view), Judgement::Ok, "no two clients"));
    view.state->counters = {{"shared_nexuses", 3}};
    EXPECT_TRUE(says(check_shared_nexuses(view), Judgement::Warning, "3 registrations"));
    view.state->counters = {{"shared_nexuses", 3}, {"changes_denied", 3}};
    EXPECT_TRUE(says(check_shared_nexuses(view), Judgement::Ok, "refused"));
}

}  // namespace
}  // namespace prh::test
