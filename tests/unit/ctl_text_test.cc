// SPDX-License-Identifier: MIT
// Outcomes for people: the answer on standard output, what went wrong on standard error.
#include <gtest/gtest.h>

#include "ctl/advice.h"
#include "ctl/text.h"
#include "unit/ctl_outcomes.h"

namespace prh::ctl {
namespace {

TEST(CtlText, KeysAreListed) {
    EXPECT_EQ(render_answer(outcome_of("read-keys", ReadKeysData{3, {{0x123ABC}, {1}}})),
              "PR generation 0x3, 2 keys registered:\n  0x123abc\n  0x1\n");
    EXPECT_EQ(render_answer(outcome_of("read-keys", ReadKeysData{3, {{1}}})),
              "PR generation 0x3, 1 key registered:\n  0x1\n");
    EXPECT_EQ(render_answer(outcome_of("read-keys", ReadKeysData{})),
              "PR generation 0x0, no keys registered\n");
}

TEST(CtlText, AReservationHasItsTypeInWords) {
    EXPECT_EQ(render_answer(outcome_of("read-reservation", ReadReservationData{4, {}})),
              "PR generation 0x4, no reservation is held\n");
    EXPECT_EQ(render_answer(outcome_of("read-reservation", ReadReservationData{4, {{{0x1}, 0, 5}}})),
              "PR generation 0x4, a reservation is held:\n  key    0x1\n  scope  0, logical unit\n"
              "  type   5, Write Exclusive, registrants only\n");
    EXPECT_NE(render_answer(outcome_of("read-reservation", ReadReservationData{4, {{{0}, 0, 7}}}))
                  .find("every registrant holds it"),
              std::string::npos);
    EXPECT_NE(render_answer(outcome_of("read-reservation", ReadReservationData{4, {{{1}, 2, 9}}}))
                  .find("9, not a type of SPC-4"),
              std::string::npos);
}

TEST(CtlText, CapabilitiesListTheTypesIfTheDeviceTells) {
    ReportCapabilitiesData data;
    data.persist_through_power_loss = true;
    EXPECT_NE(render_answer(outcome_of("report-capabilities", data)).find("does not tell"),
              std::string::npos);
    data.type_mask_valid = true;
    data.set_supported(ReservationType::WriteExclusive);
    data.set_supported(ReservationType::ExclusiveAccessAllRegistrants);
    const std::string text = render_answer(outcome_of("report-capabilities", data));
    EXPECT_NE(text.find("(PTPL_C)             yes\n"), std::string::npos) << text;
    EXPECT_NE(text.find("(PTPL_A)   no\n"), std::string::npos) << text;
    EXPECT_NE(text.find("  1, Write Exclusive\n  8, Exclusive Access, all registrants\n"), std::string::npos);
    EXPECT_EQ(text.find("  3, "), std::string::npos);
}

TEST(CtlText, AFullStatusHasOneParagraphForEachRegistration) {
    EXPECT_EQ(render_answer(outcome_of("read-full-status", two_registrations())),
              "PR generation 0x7, 2 registrations:\n"
              "  key 0x123abc\n"
              "    holder       yes, scope 0, logical unit, type 5, Write Exclusive, registrants only\n"
              "    initiator    sas,5000c50005b32001\n"
              "    target port  1\n"
              "  key 0x456def\n"
              "    holder       no\n"
              "    initiator    iqn.2001-04.com.example:b\n"
              "    target port  all\n");
}

TEST(CtlText, ATerminalIsNotSentControlCharactersOfAnotherMachine) {
    ReadFullStatusData status = two_registrations();
    status.descriptors[1].transport_id = TransportId::iscsi("iqn.2001-04.com.example:\x1b[2J");
    const std::string text = render_answer(outcome_of("read-full-status", status));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(text.find("example:\\x1b[2J"), std::string::npos);
}

TEST(CtlText, ACutAnswerIsSaidToBeCut) {
    const Outcome outcome = outcome_of("read-keys", ReadKeysData{3, std::vector<ReservationKey>(2000)});
    EXPECT_NE(render_answer(outcome).find("1023 keys registered"), std::string::npos);
    EXPECT_EQ(
        render_problem(outcome),
        "prhelperctl: read-keys on /dev/sdb: the answer is cut after 8192 bytes, the device has more to "
        "say\n");
    EXPECT_EQ(render_answer(outcome_of("read-keys", ReadKeysData{}, 4)),
              "4 bytes of data, too short to be decoded\n");
}

TEST(CtlText, AWritingVerbSaysThatItIsDone) {
    EXPECT_EQ(render_answer(outcome_of("preempt-abort", CommandResult::good())), "PREEMPT AND ABORT: GOOD\n");
    EXPECT_EQ(render_problem(outcome_of("preempt-abort", CommandResult::good())), "");
}

TEST(CtlText, AConflictIsExplained) {
    const Outcome outcome = outcome_of("clear", CommandResult::of(ScsiStatus::ReservationConflict));
    EXPECT_EQ(render_answer(outcome), "");
    EXPECT_EQ(render_problem(outcome),
              "prhelperctl: clear on /dev/sdb: RESERVATION CONFLICT\n"
              "prhelperctl: --param-rk is not the key that this initiator has registered; see 'read-keys'\n");
}

TEST(CtlText, SenseDataAreInWords) {
    const std::string text =
        render_problem(outcome_of("reserve", CommandResult::check_condition(sense::kReservationsPreempted)));
    EXPECT_NE(text.find("CHECK CONDITION: UNIT ATTENTION, RESERVATIONS PREEMPTED (6/2a/03)"),
              std::string::npos);
    EXPECT_NE(text.find("--retry-unit-attention"), std::string::npos);
}

TEST(CtlText, UnitAttentionsBeforeTheAnswerAreSaid) {
    Outcome outcome = outcome_of("reserve", CommandResult::good());
    outcome.unit_attentions.push_back(SenseData::fixed(sense::kPowerOnOccurred));
    EXPECT_NE(render_problem(outcome).find("POWER ON"), std::string::npos);
    EXPECT_NE(render_problem(outcome).find("sent again"), std::string::npos);
    EXPECT_EQ(render_answer(outcome), "RESERVE: GOOD\n");
}

TEST(CtlText, EveryVerbHasAdviceForAConflict) {
    for (const Verb& verb : verbs())
        EXPECT_FALSE(advice(verb, CommandResult::of(ScsiStatus::ReservationConflict)).empty()) << verb.name;
}

TEST(CtlText, WhatIsNoScsiDiskIsSuspected) {
    for (const SenseCode code : {sense::kIoProcessTerminated, sense::kInvalidFieldInCdb})
        EXPECT_NE(render_problem(outcome_of("read-keys", CommandResult::check_condition(code)))
                      .find("not a SCSI disk"),
                  std::string::npos);
}

TEST(CtlText, AFailureIsOneLine) {
    const Outcome outcome = failed({ExitCode::TimedOut, "no reply\x1b"});
    EXPECT_EQ(render_answer(outcome), "");
    EXPECT_EQ(render_problem(outcome), "prhelperctl: no reply\\x1b\n");
}

TEST(CtlText, PingNamesTheFeatures) {
    Outcome outcome;
    outcome.command = "ping";
    outcome.socket = "/run/pr.sock";
    outcome.features = 0;
    EXPECT_EQ(render_answer(outcome), "The helper at /run/pr.sock answers. Features: none\n");
    outcome.features = 3;
    EXPECT_EQ(render_answer(outcome),
              "The helper at /run/pr.sock answers. Features: 0x3, clean-up after live migration\n");
}

TEST(CtlText, HexadecimalHasSixteenBytesALine) {
    std::vector<std::uint8_t> bytes(18);
    bytes[17] = 0xFF;
    EXPECT_EQ(render_hex(bytes), "0000  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n0010  00 ff\n");
    EXPECT_EQ(render_hex({}), "");
}

}  // namespace
}  // namespace prh::ctl
