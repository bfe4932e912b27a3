// SPDX-License-Identifier: MIT
// Lines that can be copied as they are.
#include "diagnose/fixes.h"

#include <gtest/gtest.h>

namespace prh::test {
namespace {

using namespace prh::ctl;

TEST(Fixes, WordsOfAShellAreQuotedWhereTheyMustBe) {
    EXPECT_EQ(shell_word("/dev/mapper/mpatha"), "/dev/mapper/mpatha");
    EXPECT_EQ(shell_word("/dev/disk/by-id/a b"), "'/dev/disk/by-id/a b'");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word(""), "''");
}

TEST(Fixes, TheUsualSocketNeedNotBeNamed) {
    EXPECT_EQ(
        register_everywhere({"/var/run/qemu-pr-helper.sock", "/dev/sdb", false}, ReservationKey{0xA}).lines,
        "prhelperctl register-ignore --param-sark=a --retry-unit-attention /dev/sdb");
}

TEST(Fixes, AnOptionIsAddedToTheCommandLineOfTheUnit) {
    HelperProcess process;
    process.command_line = {"/usr/bin/qemu-pr-helper", "--control=/run/qemu-pr-helper/control"};
    process.unit = "qemu-pr-helper.service";
    const Fix fix = restart_with(process, "--timeout=30");
    EXPECT_EQ(fix.lines,
              "[Service]\nExecStart=\nExecStart=/usr/bin/qemu-pr-helper "
              "--control=/run/qemu-pr-helper/control --timeout=30");
    EXPECT_NE(fix.where.find("systemctl edit qemu-pr-helper.service"), std::string::npos);
}

TEST(Fixes, WhatSystemdWouldReplaceIsWrittenSoThatItDoesNot) {
    HelperProcess process;
    process.command_line = {"/usr/bin/qemu-pr-helper", "--audit=/var/log/100%/$x"};
    process.unit = "qemu-pr-helper.service";
    EXPECT_NE(restart_with(process, "--timeout=30").lines.find("'--audit=/var/log/100%%/$$x' --timeout=30"),
              std::string::npos);
    process.unit.clear();
    EXPECT_EQ(restart_with(process, "--timeout=30").lines,
              "/usr/bin/qemu-pr-helper '--audit=/var/log/100%/$x' --timeout=30");
}

TEST(Fixes, AnOptionThatIsThereIsReplaced) {
    HelperProcess process;
    process.command_line = {"qemu-pr-helper", "-k", "/run/a b",  "--timeout=3",
                            "--timeout",      "4",  "--timeouts"};
    EXPECT_EQ(restart_with(process, "--timeout=30").lines,
              "qemu-pr-helper -k '/run/a b' --timeouts --timeout=30");
    process.command_line.clear();
    EXPECT_TRUE(restart_with(process, "--timeout=30").empty()) << "the command line cannot be seen";
}

}  // namespace
}  // namespace prh::test
