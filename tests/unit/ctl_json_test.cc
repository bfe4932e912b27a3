// SPDX-License-Identifier: MIT
// Outcomes for programs: the fields that the manual promises.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ctl/json.h"
#include "unit/ctl_outcomes.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

Json parsed(const Outcome& outcome) { return Json::parse(render_json(outcome)); }

TEST(CtlJson, EveryAnswerSaysWhatWasAsked) {
    const Json json = parsed(outcome_of("register", CommandResult::good()));
    EXPECT_EQ(json, (Json{{"command", "register"},
                          {"socket", "/run/pr.sock"},
                          {"device", "/dev/sdb"},
                          {"exit_code", 0},
                          {"features", 0},
                          {"feature_names", Json::array()},
                          {"status", "GOOD"},
                          {"status_code", 0},
                          {"sense", nullptr},
                          {"unit_attentions", Json::array()}}));
}

TEST(CtlJson, KeysAreTextAndLoseNoBit) {
    const Json json = parsed(outcome_of("read-keys", ReadKeysData{3, {{0xFFFFFFFFFFFFFFFF}, {1}}}));
    EXPECT_EQ(json["generation"], 3);
    EXPECT_EQ(json["keys"], (Json{"0xffffffffffffffff", "0x1"}));
    EXPECT_EQ(json["truncated"], false);
    EXPECT_EQ(json["data"], "0000000300000010ffffffffffffffff0000000000000001");
}

TEST(CtlJson, NoKeysIsAnEmptyArray) {
    EXPECT_EQ(parsed(outcome_of("read-keys", ReadKeysData{}))["keys"], Json::array());
}

TEST(CtlJson, AReservationIsAnObjectOrNull) {
    const Json none = parsed(outcome_of("read-reservation", ReadReservationData{4, {}}));
    EXPECT_TRUE(none.at("reservation").is_null());
    const Json held = parsed(outcome_of("read-reservation", ReadReservationData{4, {{{0x1}, 0, 5}}}));
    EXPECT_EQ(
        held["reservation"],
        (Json{
            {"key", "0x1"}, {"scope", 0}, {"type", 5}, {"type_name", "Write Exclusive, registrants only"}}));
}

TEST(CtlJson, CapabilitiesHaveNamesAndTypes) {
    ReportCapabilitiesData data;
    data.persist_through_power_loss = true;
    EXPECT_TRUE(parsed(outcome_of("report-capabilities", data))["capabilities"].at("types").is_null());
    data.type_mask_valid = true;
    data.set_supported(ReservationType::WriteExclusive);
    EXPECT_EQ(parsed(outcome_of("report-capabilities", data))["capabilities"],
              (Json{{"compatible_reservation_handling", false},
                    {"specify_initiator_ports", false},
                    {"all_target_ports", false},
                    {"persist_through_power_loss", true},
                    {"persist_through_power_loss_active", false},
                    {"replace_lost_reservation", false},
                    {"allow_commands", 0},
                    {"types", {1}}}));
}

TEST(CtlJson, ARegistrationNamesItsInitiator) {
    const Json json = parsed(outcome_of("read-full-status", two_registrations()));
    EXPECT_EQ(json["registrations"][0], (Json{{"key", "0x123abc"},
                                              {"holder", true},
                                              {"scope", 0},
                                              {"type", 5},
                                              {"type_name", "Write Exclusive, registrants only"},
                                              {"all_target_ports", false},
                                              {"relative_target_port", 1},
                                              {"transport_id", "sas,5000c50005b32001"}}));
    EXPECT_EQ(json["registrations"][1], (Json{{"key", "0x456def"},
                                              {"holder", false},
                                              {"all_target_ports", true},
                                              {"relative_target_port", nullptr},
                                              {"transport_id", "iqn.2001-04.com.example:b"}}));
}

TEST(CtlJson, ACutListSaysSo) {
    const Json json = parsed(outcome_of("read-keys", ReadKeysData{3, std::vector<ReservationKey>(2000)}));
    EXPECT_EQ(json["truncated"], true);
    EXPECT_EQ(json["keys"].size(), 1023U);
}

TEST(CtlJson, WhatIsTooShortToBeDecodedIsThereAsBytes) {
    const Json json = parsed(outcome_of("read-keys", ReadKeysData{3, {}}, 4));
    EXPECT_EQ(json["data"], "00000003");
    EXPECT_FALSE(json.contains("keys"));
}

TEST(CtlJson, AConflictHasErrorAndAdvice) {
    const Json json = parsed(outcome_of("reserve", CommandResult::of(ScsiStatus::ReservationConflict)));
    EXPECT_EQ(json["exit_code"], 24);
    EXPECT_EQ(json["status"], "RESERVATION CONFLICT");
    EXPECT_EQ(json["status_code"], 0x18);
    EXPECT_EQ(json["error"], "RESERVATION CONFLICT");
    EXPECT_TRUE(json["advice"].is_string());
    EXPECT_TRUE(json["sense"].is_null());
}

TEST(CtlJson, SenseDataAreNumbersAndWords) {
    Outcome outcome = outcome_of("reserve", CommandResult::check_condition(sense::kReservationsPreempted));
    outcome.unit_attentions.push_back(SenseData::fixed(sense::kPowerOnOccurred));
    const Json json = parsed(outcome);
    EXPECT_EQ(json["sense"], (Json{{"key", 6},
                                   {"asc", 0x2A},
                                   {"ascq", 3},
                                   {"text", "UNIT ATTENTION, RESERVATIONS PREEMPTED (6/2a/03)"}}));
    EXPECT_EQ(json["unit_attentions"][0]["asc"], 0x29);
    EXPECT_EQ(json["exit_code"], 6);
}

TEST(CtlJson, AStatusWithoutANameIsNull) {
    const Json json = parsed(outcome_of("reserve", CommandResult::of(static_cast<ScsiStatus>(0x22))));
    EXPECT_TRUE(json["status"].is_null());
    EXPECT_EQ(json["status_code"], 0x22);
    EXPECT_EQ(json["exit_code"], 99);
}

TEST(CtlJson, AFailureIsAnObjectToo) {
    EXPECT_EQ(parsed(failed({ExitCode::SyntaxError, "'foo' is not a verb"})),
              (Json{{"command", nullptr}, {"exit_code", 1}, {"error", "'foo' is not a verb"}}));
}

TEST(CtlJson, PingHasTheFeatures) {
    Outcome outcome;
    outcome.command = "ping";
    outcome.socket = "/run/pr.sock";
    outcome.features = 1;
    EXPECT_EQ(parsed(outcome), (Json{{"command", "ping"},
                                     {"socket", "/run/pr.sock"},
                                     {"exit_code", 0},
                                     {"features", 1},
                                     {"feature_names", {"cleanup"}}}));
}

TEST(CtlJson, APathThatIsNotUtf8DoesNotEndTheProgram) {
    Outcome outcome = outcome_of("reserve", CommandResult::good());
    outcome.device = "/dev/\xFF";
    EXPECT_EQ(parsed(outcome)["device"], "/dev/\xEF\xBF\xBD");
}

}  // namespace
}  // namespace prh::ctl
