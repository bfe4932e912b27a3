// SPDX-License-Identifier: MIT
// The scenes over an emulated logical unit: all of it works where the array does, and an array, a path,
// another host or a wrong second node that does not is found and named.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "diagnose/validate_rehearsal.h"

namespace prh::test {
namespace {

using ctl::Fault;
using ctl::StepStatus;
using ctl::Suitability;

bool is(const Cdb& cdb, PrOutAction action) {
    return cdb.is_persistent_reserve_out() && cdb.service_action() == static_cast<std::uint8_t>(action);
}

Suitability suitability(const ctl::ValidationOutcome& outcome, unsigned bit) {
    for (const ctl::ClusterKind& kind : ctl::cluster_kinds())
        if (kind.bit == bit) return verdict_of(kind, outcome.steps).suitability;
    ADD_FAILURE();
    return Suitability::Fails;
}

StepStatus status_of(const ctl::ValidationOutcome& outcome, std::string_view name) {
    for (const ctl::StepOutcome& step : outcome.steps)
        if (step.step->name == name) return step.status;
    ADD_FAILURE() << name;
    return StepStatus::Failed;
}

TEST(ValidateSteps, HaveNamesOfTheirOwnAndEndWithNobodyRegistered) {
    std::set<std::string_view> names;
    for (const ctl::Scene& scene : ctl::scenes()) {
        EXPECT_TRUE(names.insert(std::string_view(scene.title)).second);
        for (const ctl::Step& step : scene.steps) EXPECT_TRUE(names.insert(step.name).second) << step.name;
        const ctl::Step& last = scene.steps.back();
        EXPECT_EQ(last.first_has, ctl::KeyName::None) << scene.name;
        EXPECT_EQ(last.second_has, ctl::KeyName::None) << scene.name;
        for (const ctl::Step& step : scene.steps) {
            const bool takes_two = step.sender == ctl::Node::Second || step.second_has != ctl::KeyName::None;
            EXPECT_TRUE(scene.two_nodes || !takes_two) << step.name;
        }
    }
}

TEST(ValidatePlay, EverythingWorksWithTwoNodesOfASoundArray) {
    Rehearsal rehearsal;
    const auto outcome = rehearsal.play();
    EXPECT_EQ(finding_of(outcome), "");
    EXPECT_EQ(suitability(outcome, ctl::kWindowsCluster), Suitability::Works);
    EXPECT_EQ(suitability(outcome, ctl::kFenceScsi), Suitability::Works);
    EXPECT_EQ(exit_code_of(outcome), ctl::ExitCode::Success);
    EXPECT_TRUE(rehearsal.unit.registrations().empty());
    EXPECT_TRUE(outcome.left.empty());
}

TEST(ValidatePlay, EverythingWorksWithSeveralPaths) {
    Rehearsal rehearsal;
    rehearsal.first_paths = 3;
    const auto outcome = rehearsal.play();
    EXPECT_EQ(finding_of(outcome), "");
    EXPECT_EQ(status_of(outcome, "multipathd"), StepStatus::Ok);
    EXPECT_TRUE(rehearsal.unit.registrations().empty());
}

TEST(ValidatePlay, WithOneNodeNothingIsCalledWorkingThatTakesTwo) {
    Rehearsal rehearsal;
    const auto outcome = rehearsal.play(false);
    EXPECT_EQ(finding_of(outcome), "");
    for (const ctl::StepOutcome& step : outcome.steps)
        EXPECT_EQ(step.status, step.scene->two_nodes ? StepStatus::NotTested : StepStatus::Ok)
            << step.step->name;
    EXPECT_EQ(suitability(outcome, ctl::kWindowsCluster), Suitability::Incomplete);
    EXPECT_EQ(exit_code_of(outcome), ctl::ExitCode::Success);
}

TEST(ValidatePlay, WithoutPersistenceAptplIsNotTested) {
    Rehearsal rehearsal;
    rehearsal.unit = LogicalUnit();
    const auto outcome = rehearsal.play();
    EXPECT_EQ(finding_of(outcome), "");
    EXPECT_EQ(status_of(outcome, "aptpl"), StepStatus::NotTested);
    EXPECT_EQ(suitability(outcome, ctl::kFenceScsi), Suitability::Incomplete);
}

TEST(ValidatePlay, ADiskInUseIsLeftAlone) {
    Rehearsal rehearsal;
    rehearsal.stranger_registers(0x77);
    const auto before = rehearsal.unit;
    const auto outcome = rehearsal.play();
    ASSERT_TRUE(outcome.refusal);
    EXPECT_NE(outcome.refusal->message.find("0x77"), std::string::npos);
    EXPECT_EQ(exit_code_of(outcome), ctl::ExitCode::ReservationConflict);
    EXPECT_EQ(rehearsal.unit, before);
}

TEST(ValidatePlay, KeysOfOthersAreRemovedWithConsent) {
    Rehearsal rehearsal;
    rehearsal.stranger_registers(0x77);
    const auto outcome = rehearsal.play(true, true);
    EXPECT_FALSE(outcome.refusal);
    EXPECT_EQ(outcome.cleared, (std::vector{ReservationKey{0x77}}));
    EXPECT_EQ(finding_of(outcome), "");
    EXPECT_TRUE(rehearsal.unit.registrations().empty());
}

TEST(ValidatePlay, ADiskThatDoesNotTellWhoIsRegisteredIsLeftAlone) {
    for (const PrInAction silent : {PrInAction::ReadKeys, PrInAction::ReadReservation}) {
        Rehearsal rehearsal;
        rehearsal.stranger_registers(0x77);
        const auto before = rehearsal.unit;
        rehearsal.distort = [&](const Cdb& cdb, const RehearsedNode&, CommandResult& result) {
            if (cdb.is_persistent_reserve_in() && cdb.service_action() == static_cast<std::uint8_t>(silent))
                result = CommandResult::check_condition(sense::kInvalidOpcode);
        };
        const auto outcome = rehearsal.play(true, true);
        EXPECT_EQ(fault_of(outcome), "array");
        EXPECT_EQ(suitability(outcome, ctl::kFenceScsi), Suitability::Fails);
        EXPECT_EQ(rehearsal.unit, before);
    }
}

/// Every command that a cluster needs, refused by an array that does not have it.
TEST(ValidatePlay, AServiceActionThatTheArrayDoesNotHaveIsItsFault) {
    for (const PrOutAction missing :
         {PrOutAction::Register, PrOutAction::Reserve, PrOutAction::Release, PrOutAction::Clear,
          PrOutAction::Preempt, PrOutAction::PreemptAndAbort, PrOutAction::RegisterAndIgnoreExistingKey}) {
        Rehearsal rehearsal;
        LogicalUnit before;
        rehearsal.mishap = [&](unsigned, const Cdb&) {
            before = rehearsal.unit;
            return Mishap::None;
        };
        // Unregistering is what the play itself ends with: an array without REGISTER at all keeps nothing
        // either.
        rehearsal.distort = [&](const Cdb& cdb, const RehearsedNode&, CommandResult& result) {
            if (!is(cdb, missing)) return;
            rehearsal.unit = before;
            result = CommandResult::check_condition(sense::kInvalidFieldInCdb);
        };
        const auto outcome = rehearsal.play();
        const ctl::StepOutcome* const step = failed_step(outcome);
        ASSERT_NE(step, nullptr);
        EXPECT_EQ(step->finding->fault, Fault::Array) << finding_of(outcome);
        EXPECT_NE(step->finding->words.find("does not support"), std::string::npos) << finding_of(outcome);
        if (missing != PrOutAction::Register) {
            EXPECT_TRUE(rehearsal.unit.registrations().empty());
        }
    }
}

TEST(ValidatePlay, AnArrayThatLetsOthersReserveIsFound) {
    Rehearsal rehearsal;
    rehearsal.distort = [](const Cdb& cdb, const RehearsedNode&, CommandResult& result) {
        if (is(cdb, PrOutAction::Reserve)) result = CommandResult::good();
    };
    const auto outcome = rehearsal.play();
    EXPECT_EQ(fault_of(outcome), "array") << finding_of(outcome);
    EXPECT_EQ(suitability(outcome, ctl::kWindowsCluster), Suitability::Fails);
    EXPECT_EQ(suitability(outcome, ctl::kFenceScsi), Suitability::Fails);
    EXPECT_EQ(exit_code_of(outcome), ctl::ExitCode::Other);
}

TEST(ValidatePlay, AnArrayThatForgetsWhatItSaysGoodToIsFound) {
    for (const PrOutAction forgotten :
         {PrOutAction::Register, PrOutAction::Reserve, PrOutAction::Release, PrOutAction::Clear,
          PrOutAction::Preempt, PrOutAction::PreemptAndAbort, PrOutAction::RegisterAndIgnoreExistingKey}) {
        Rehearsal rehearsal;
        LogicalUnit before;
        rehearsal.mishap = [&](unsigned, const Cdb&) {
            before = rehearsal.unit;
            return Mishap::None;
        };
        rehearsal.distort = [&](const Cdb& cdb, const RehearsedNode&, CommandResult& result) {
            if (is(cdb, forgotten) && result.status == ScsiStatus::Good) rehearsal.unit = before;
        };
        const auto outcome = rehearsal.play();
        EXPECT_EQ(fault_of(outcome), "array") << static_cast<int>(forgotten) << ": " << finding_of(outcome);
    }
}

TEST(ValidatePlay, AnotherDiskIsNoSecondNode) {
    Rehearsal rehearsal;
    LogicalUnit another(Rehearsal::persistent());
    const auto outcome =
        rehearsal.play(true, false, [&](RehearsedNode&, RehearsedNode& second) { second.unit = &another; });
    EXPECT_EQ(fault_of(outcome), "second node") << finding_of(outcome);
    EXPECT_NE(finding_of(outcome).find("another logical unit"), std::string::npos);
    EXPECT_EQ(status_of(outcome, "same-key-first"), StepStatus::NotTested);
    EXPECT_TRUE(rehearsal.unit.registrations().empty());
    EXPECT_TRUE(another.registrations().empty());
}

TEST(ValidatePlay, APathThatDoesNotAnswerIsNamed) {
    Rehearsal rehearsal;
    rehearsal.first_paths = 2;
    const auto outcome =
        rehearsal.play(true, false, [](RehearsedNode& first, RehearsedNode&) { first.skipped = {1}; });
    EXPECT_EQ(fault_of(outcome), "path") << finding_of(outcome);
    EXPECT_NE(finding_of(outcome).find("sdb"), std::string::npos) << finding_of(outcome);
    EXPECT_TRUE(rehearsal.unit.registrations().empty());
}

TEST(ValidatePlay, APathThatAnswersWithoutItsRegistrationIsMultipathds) {
    Rehearsal rehearsal;
    rehearsal.first_paths = 2;
    const auto outcome = rehearsal.play(true, false, [](RehearsedNode& first, RehearsedNode&) {
        first.skipped = {1};
        first.skipped_fail = false;
    });
    EXPECT_EQ(fault_of(outcome), "multipathd") << finding_of(outcome);
}

TEST(ValidatePlay, AMapWhoseKeyMultipathdDoesNotKnowFailsForThatAlone) {
    Rehearsal rehearsal;
    rehearsal.first_paths = 2;
    const auto outcome = rehearsal.play(true, false, [](RehearsedNode& first, RehearsedNode&) {
        first.multipathd = [] { return ctl::MultipathdAnswerSeen{true, {}, std::nullopt, false}; };
    });
    EXPECT_EQ(fault_of(outcome), "multipathd");
    EXPECT_EQ(std::count_if(outcome.steps.begin(), outcome.steps.end(),
                            [](const auto& step) { return step.status != StepStatus::Ok; }),
              1);
    EXPECT_EQ(suitability(outcome, ctl::kWindowsCluster), Suitability::Fails);
}

TEST(ValidatePlay, WhatMultipathdTellsRootAloneIsNotTested) {
    Rehearsal rehearsal;
    rehearsal.first_paths = 2;
    const auto outcome = rehearsal.play(true, false, [](RehearsedNode& first, RehearsedNode&) {
        first.multipathd = [] { return ctl::MultipathdAnswerSeen{false, {}, std::nullopt, true}; };
    });
    EXPECT_EQ(finding_of(outcome), "");
    EXPECT_EQ(status_of(outcome, "multipathd"), StepStatus::NotTested);
    EXPECT_EQ(suitability(outcome, ctl::kWindowsCluster), Suitability::Incomplete);
}

TEST(ValidatePlay, AUnitAttentionIsToldAndNoFailure) {
    Rehearsal rehearsal;
    bool reported = false;
    rehearsal.mishap = [&](unsigned, const Cdb& cdb) {
        const bool now = !reported && is(cdb, PrOutAction::Clear);
        reported = reported || now;
        return now ? Mishap::Attention : Mishap::None;
    };
    const auto outcome = rehearsal.play();
    EXPECT_EQ(finding_of(outcome), "");
    for (const ctl::StepOutcome& step : outcome.steps)
        EXPECT_EQ(step.unit_attentions, step.step->name == "clear" ? 1U : 0U) << step.step->name;
}

TEST(ValidatePlay, UnitAttentionsWithoutEndAreTheArraysFault) {
    Rehearsal rehearsal;
    rehearsal.mishap = [](unsigned, const Cdb&) { return Mishap::Attention; };
    EXPECT_EQ(fault_of(rehearsal.play()), "array");
}

}  // namespace
}  // namespace prh::test
