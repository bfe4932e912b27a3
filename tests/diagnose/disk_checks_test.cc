// SPDX-License-Identifier: MIT
// The checks of a disk, each with what is well, what is wrong, and what cannot be known.
#include "diagnose/disk_checks.h"

#include <gtest/gtest.h>

#include "diagnose/says.h"
#include "diagnose/two_paths.h"

namespace prh::test {
namespace {

DiskFacts healthy_disk() {
    DiskFacts facts;
    facts.disk = two_paths();
    facts.answer = all_well();
    ReportCapabilitiesData can;
    can.type_mask_valid = can.persist_through_power_loss = true;
    for (const ReservationType type : kReservationTypes) can.set_supported(type);
    facts.capabilities = can;
    facts.map_state = MapState{"off", "0"};
    return facts;
}

HelperView with_clients(std::vector<Registrant> registrants) {
    HelperView view;
    view.socket = "/run/pr.sock";
    view.state.emplace();
    DeviceState device;
    device.number = "254:3";
    device.name = "mpatha";
    device.registrants = std::move(registrants);
    view.state->devices = {device};
    return view;
}

const MultipathdView kMultipathd{"", "defaults {\n\treservation_key \"file\"\n}\n"};

/// The finding of one check.
Diagnosis of(const Diagnoses& all, const std::string& check) {
    for (const Diagnosis& one : all)
        if (one.check == check) return one;
    ADD_FAILURE() << "there is no check " << check;
    return {};
}

TEST(DiskChecks, SupportIsWhatClustersNeed) {
    DiskFacts facts = healthy_disk();
    EXPECT_TRUE(says(check_support(facts), Judgement::Ok, "types 1, 3, 5, 6, 7, 8"));
    facts.capabilities->persist_through_power_loss = false;
    EXPECT_TRUE(says(check_support(facts), Judgement::Warning, "PTPL_C is 0"));
    facts.capabilities->type_mask = 0;
    facts.capabilities->set_supported(ReservationType::WriteExclusive);
    EXPECT_TRUE(says(check_support(facts), Judgement::Wrong, "does not support type 5"));
    facts.capabilities->type_mask_valid = false;
    EXPECT_TRUE(says(check_support(facts), Judgement::Warning, "types not told"));
    facts.capabilities = fail(ExitCode::IllegalRequest, "INVALID FIELD IN CDB");
    EXPECT_TRUE(says(check_support(facts), Judgement::Warning, "does not tell which"));
}

TEST(DiskChecks, ADiskWithoutReservationsIsNone) {
    DiskFacts facts = healthy_disk();
    facts.answer = fail(ExitCode::InvalidOperationCode, "INVALID COMMAND OPERATION CODE");
    EXPECT_TRUE(
        says(check_support(facts), Judgement::Wrong, "has no persistent reservations, or the helper"));
    EXPECT_EQ(check_registrations({}, facts)[0].verdict, Judgement::NotChecked);
    facts.answer = fail(ExitCode::TimedOut, "no reply within 60 s");
    EXPECT_TRUE(says(check_support(facts), Judgement::Wrong, "does not answer: no reply within 60 s"));
    facts.disk.kind = DeviceKind::Other;
    EXPECT_TRUE(says(check_support(facts), Judgement::Wrong, "no whole SCSI disk"));
}

TEST(DiskChecks, RegistrationsAreWellOrSayWhatIsNot) {
    DiskFacts facts = healthy_disk();
    EXPECT_TRUE(
        says(check_registrations({}, facts)[0], Judgement::Ok, "key 0xa1 on each of 2 paths; held by"));
    facts.answer->registrations.erase(facts.answer->registrations.begin() + 1);
    EXPECT_TRUE(says(check_registrations({}, facts)[0], Judgement::Wrong, "sdb: no registration"));
    facts.answer = DiskAnswer{};
    EXPECT_TRUE(says(check_registrations({}, facts)[0], Judgement::Ok, "no key; held by: nobody"));
}

TEST(DiskChecks, TwoClientsOfOneNexusAreOneToTheDisk) {
    const DiskFacts facts = healthy_disk();
    EXPECT_TRUE(says(check_nexus({}, facts), Judgement::NotChecked, "control socket"));
    EXPECT_TRUE(says(check_nexus(with_clients({}), facts), Judgement::Ok, "no client"));
    EXPECT_TRUE(says(check_nexus(with_clients({{7, "VM db1"}}), facts), Judgement::Ok, "VM db1 (pid 7)"));
    HelperView two = with_clients({{7, "VM db1"}, {8, "VM db2"}});
    two.process.emplace();
    two.process->command_line = {"qemu-pr-helper"};
    const Diagnosis found = check_nexus(two, facts);
    EXPECT_TRUE(says(found, Judgement::Wrong, "VM db1 (pid 7) and VM db2 (pid 8) are one initiator"));
    EXPECT_EQ(found.fix.lines, "qemu-pr-helper --shared-nexus=deny");
}

TEST(DiskChecks, ReservationKeyIsFile) {
    const auto check = [](const MultipathdView& multipathd) {
        return of(check_multipath(multipathd, healthy_disk()), "reservation_key");
    };
    EXPECT_TRUE(says(check(kMultipathd), Judgement::Ok, "file"));
    EXPECT_TRUE(says(check({"refused", ""}), Judgement::NotChecked, "refused"));
    const Diagnosis none = check({"", "defaults {\n}\n"});
    EXPECT_TRUE(says(none, Judgement::Wrong, "multipathd has none"));
    EXPECT_EQ(none.fix.lines, "defaults {\n    reservation_key file\n}");
    const Diagnosis fixed = check({"", "defaults {\n\treservation_key 0x123\n}\n"});
    EXPECT_TRUE(says(fixed, Judgement::Wrong, "fixed key 0x123"));
    EXPECT_EQ(fixed.fix.lines,
              "multipaths {\n    multipath {\n        wwid 36001405aabbccdd0\n        reservation_key file\n"
              "    }\n}");
}

TEST(DiskChecks, IoThatWaitsForEverIsWrong) {
    DiskFacts facts = healthy_disk();
    const auto check = [&](const std::string& queueing) {
        facts.map_state->queueing = queueing;
        return of(check_multipath(kMultipathd, facts), "queue_if_no_path");
    };
    EXPECT_TRUE(says(check("off"), Judgement::Ok, "off"));
    EXPECT_TRUE(says(check("12 chk"), Judgement::Ok, "bounded (12 chk)"));
    EXPECT_TRUE(says(check("on"), Judgement::Wrong, "waits for ever"));
    EXPECT_NE(check("on").fix.lines.find("        no_path_retry fail\n"), std::string::npos);
    facts.map_state.reset();
    EXPECT_TRUE(says(of(check_multipath(kMultipathd, facts), "queue_if_no_path"), Judgement::NotChecked,
                     "does not know this map"));
}

TEST(DiskChecks, APathThatKeepsItsCommandsLongerThanAGuestWaits) {
    DiskFacts facts = healthy_disk();
    const auto check = [&] { return of(check_multipath(kMultipathd, facts), "fast_io_fail_tmo"); };
    EXPECT_TRUE(says(check(), Judgement::Ok, "has none"));
    facts.disk.paths[0].giving_up = GivingUp{5};
    EXPECT_TRUE(says(check(), Judgement::Ok, "before a guest gives up"));
    facts.disk.paths[0].giving_up = GivingUp{600};
    facts.disk.paths[1].giving_up = GivingUp{std::nullopt};
    EXPECT_TRUE(says(check(), Judgement::Warning, "sda (600 s), sdb (never)"));
}

TEST(DiskChecks, PathsAreCounted) {
    DiskFacts facts = healthy_disk();
    const auto check = [&] { return of(check_multipath(kMultipathd, facts), "paths"); };
    EXPECT_TRUE(says(check(), Judgement::Ok, "2 paths, all up"));
    facts.disk.paths[1].state = "offline";
    EXPECT_TRUE(says(check(), Judgement::Warning, "down: sdb (offline), of 2 paths"));
    facts.disk.paths[0].state = "";
    EXPECT_TRUE(says(check(), Judgement::Wrong, "no path is up: sda (gone), sdb (offline)"));
}

TEST(DiskChecks, DisksThatAreNoPathsAreNamedWithTheReason) {
    DiskFacts facts = healthy_disk();
    const auto check = [&] { return of(check_multipath(kMultipathd, facts), "paths"); };
    facts.disk.paths[0].unservable = "it does not say which logical unit it is (VPD page 83h)";
    EXPECT_TRUE(says(check(), Judgement::Wrong, "the helper cannot use sda: it does not say which"));
    facts.disk.paths[1].unservable = "it is no SCSI disk";
    EXPECT_TRUE(says(check(), Judgement::Wrong, "sdb: it is no SCSI disk. It refuses every"));
    EXPECT_TRUE(says(check(), Judgement::Wrong, "05/20/00"));
}

TEST(DiskChecks, OnePathOfAMapIsNotTheMap) {
    DiskFacts facts = healthy_disk();
    facts.disk.kind = DeviceKind::Disk;
    facts.disk.name = "sda";
    EXPECT_TRUE(check_multipath(kMultipathd, facts).empty()) << "a disk of its own";
    facts.disk.holders = {"mpatha"};
    const Diagnosis found = of(check_multipath(kMultipathd, facts), "paths");
    EXPECT_TRUE(says(found, Judgement::Wrong, "sda is one path of the map mpatha"));
    EXPECT_EQ(found.fix.lines, "prhelperctl doctor /dev/mapper/mpatha");
}

}  // namespace
}  // namespace prh::test
