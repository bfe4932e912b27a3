// SPDX-License-Identifier: MIT
// What is pointed out in the registrations of a disk, and the line that fixes it.
#include "diagnose/dangers.h"

#include <gtest/gtest.h>

#include "diagnose/two_paths.h"

namespace prh::test {
namespace {

Diagnoses dangers(const LocalDisk& disk, const DiskAnswer& answer, bool persist = false) {
    return dangers_of(disk, answer, picture_of(disk, answer), {"/run/pr.sock", disk.node, persist});
}

/// The only one, which says `words`.
Diagnosis only(const Diagnoses& all, const std::string& words) {
    EXPECT_EQ(all.size(), 1U);
    if (all.empty()) return {};
    EXPECT_NE(all[0].words.find(words), std::string::npos) << all[0].words;
    return all[0];
}

TEST(Dangers, ADiskThatIsWellHasNone) {
    EXPECT_TRUE(dangers(two_paths(), all_well()).empty());
    EXPECT_TRUE(dangers(two_paths(), {}).empty()) << "nobody is registered";
}

TEST(Dangers, ARunningPathWithoutRegistration) {
    DiskAnswer answer = all_well();
    answer.registrations.erase(answer.registrations.begin() + 1);
    const Diagnosis found = only(dangers(two_paths(), answer), "sdb: no registration, while other paths");
    EXPECT_EQ(found.verdict, Judgement::Wrong);
    EXPECT_EQ(found.fix.lines,
              "prhelperctl --socket=/run/pr.sock register-ignore --param-sark=a1 --retry-unit-attention "
              "/dev/mapper/mpatha");
    EXPECT_EQ(only(dangers(two_paths(), answer, true), "sdb").fix.lines,
              "prhelperctl --socket=/run/pr.sock register-ignore --param-sark=a1 --retry-unit-attention "
              "--param-aptpl /dev/mapper/mpatha")
        << "without it, nothing would survive a loss of power any more";
}

TEST(Dangers, APathThatIsDownWithoutRegistrationIsNoDanger) {
    DiskAnswer answer = all_well();
    answer.registrations.erase(answer.registrations.begin() + 1);
    LocalDisk disk = two_paths();
    disk.paths[1].state = "offline";
    EXPECT_EQ(only(dangers(disk, answer), "sdb: down").verdict, Judgement::Warning);
}

TEST(Dangers, APathWithAnotherKey) {
    DiskAnswer answer = all_well();
    answer.registrations.insert(answer.registrations.begin(), registration(0xA1, kOwnPort, "3"));
    answer.registrations[2].key = ReservationKey{0xBAD};
    LocalDisk disk = two_paths();
    disk.paths.push_back({"sdc", "4:0:0:1", "running", kOwnPort, "3"});
    const Diagnosis found =
        only(dangers(disk, answer), "sdb: has the key 0xbad, while other paths have 0xa1");
    EXPECT_EQ(found.verdict, Judgement::Wrong);
    EXPECT_NE(found.fix.lines.find("register-ignore --param-sark=a1 "), std::string::npos);
}

TEST(Dangers, WhichOfTwoKeysIsOursMayNotBeCertain) {
    DiskAnswer answer = all_well();
    answer.held.reset();
    answer.registrations[0].holder = false;
    answer.registrations[1].key = ReservationKey{0xBAD};
    const Diagnosis found = only(dangers(two_paths(), answer), "cannot be told");
    EXPECT_EQ(found.verdict, Judgement::Wrong);
    EXPECT_TRUE(found.fix.empty()) << "it could register the wrong one";
}

TEST(Dangers, AStaleRegistration) {
    DiskAnswer answer = all_well();
    answer.registrations.push_back(registration(0xC3, kOwnPort, "7"));
    Diagnosis found = only(dangers(two_paths(), answer), "key 0xc3 is registered for a port of this host");
    EXPECT_EQ(found.fix.lines,
              "prhelperctl --socket=/run/pr.sock preempt --param-rk=a1 --param-sark=c3 --prout-type=5 "
              "--retry-unit-attention /dev/mapper/mpatha");
    answer.registrations.back().key = ReservationKey{0xA1};
    found = only(dangers(two_paths(), answer), "unregisters and registers anew");
    EXPECT_EQ(found.fix.lines, "") << "a preempt of one's own key would hit the paths too";
}

TEST(Dangers, AHolderThatIsDown) {
    LocalDisk disk = two_paths();
    disk.paths[0].state = "transport-offline";
    EXPECT_EQ(only(dangers(disk, all_well()), "held through sda, which is down (transport-offline)").verdict,
              Judgement::Warning);
}

TEST(Dangers, AHolderThatNobodyIs) {
    DiskAnswer answer = all_well();
    answer.registrations[0].holder = false;
    answer.held->key = ReservationKey{0xDEAD};
    const Diagnosis found = only(dangers(two_paths(), answer), "held by the key 0xdead, which nobody has");
    EXPECT_EQ(found.verdict, Judgement::Wrong);
    EXPECT_NE(found.fix.lines.find("--param-rk=a1 --param-sark=dead --prout-type=5"), std::string::npos);
    answer.truncated = true;
    EXPECT_EQ(only(dangers(two_paths(), answer), "more registrations").verdict, Judgement::NotChecked);
}

TEST(Dangers, EveryRegistrantMayHold) {
    DiskAnswer answer = all_well();
    for (DiskRegistration& one : answer.registrations) one.holder = true;
    answer.held = HeldReservation{ReservationKey{}, 0, 7};
    EXPECT_TRUE(dangers(two_paths(), answer).empty());
}

TEST(Dangers, ATypeThatLocksTheOtherPathsOut) {
    DiskAnswer answer = all_well();
    answer.held->type = 1;
    EXPECT_EQ(only(dangers(two_paths(), answer), "type 1 (Write Exclusive), held through sda").verdict,
              Judgement::Wrong);
}

TEST(Dangers, AKeyThatAnotherHostHasToo) {
    DiskAnswer answer = all_well();
    answer.registrations[2].key = ReservationKey{0xA1};
    EXPECT_EQ(only(dangers(two_paths(), answer), "is also that of fcp,2100000000000099").verdict,
              Judgement::Warning);
    LocalDisk one = two_paths();
    one.kind = DeviceKind::Disk;
    one.paths.pop_back();
    one.holders = {"mpatha"};
    EXPECT_TRUE(dangers(one, answer).empty()) << "its siblings have the same key";
}

TEST(Dangers, WhatCannotBeToldIsSaid) {
    LocalDisk disk = two_paths();
    for (LocalPath& path : disk.paths) path.initiator = path.target_port = "";
    EXPECT_EQ(only(dangers(disk, all_well()), "does not show through which ports").verdict,
              Judgement::NotChecked);
    DiskAnswer answer;
    answer.names_initiators = false;
    answer.registrations = {registration(0xA1, "", "")};
    EXPECT_EQ(only(dangers(two_paths(), answer), "does not support READ FULL STATUS").verdict,
              Judgement::NotChecked);
}

}  // namespace
}  // namespace prh::test
