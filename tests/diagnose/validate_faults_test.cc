// SPDX-License-Identifier: MIT
// Whose fault: every status and sense key, and every way in which a disk's answer can differ from what is
// due.
#include <gtest/gtest.h>

#include "diagnose/validation_fault.h"

namespace prh::ctl {
namespace {

constexpr ReservationKey kOurs{0xA}, kOther{0xB}, kTheirs{0x77};
constexpr auto kGood = ScsiStatus::Good;
constexpr auto kConflict = ScsiStatus::ReservationConflict;

Due due(ScsiStatus status = kGood) {
    Due due;
    due.command = "RESERVE";
    due.status = status;
    due.keys = {{kOurs, 1}};
    due.ours = {kOurs, kOther};
    return due;
}

WayFacts single() {
    WayFacts way;
    way.answered = true;
    way.paths = {"sda"};
    return way;
}

WayFacts map_of(std::vector<std::string> failed = {}) {
    WayFacts way;
    way.answered = true;
    way.multipath = true;
    way.paths = {"sda", "sdb"};
    way.failed = std::move(failed);
    return way;
}

std::string fault(const std::optional<Finding>& finding) {
    return finding ? std::string(name(finding->fault)) : "";
}

std::string fault_of_sense(SenseKey key, std::uint8_t asc, std::uint8_t ascq,
                           const WayFacts& way = single()) {
    return fault(judge_result(due(), CommandResult::check_condition({key, asc, ascq}), way));
}

DiskState state(std::vector<ReservationKey> keys, std::uint32_t generation = 1) {
    return {generation, std::move(keys), std::nullopt};
}

TEST(ValidateFault, OfNothingWhereTheStatusIsDue) {
    for (const ScsiStatus status : {kGood, kConflict})
        EXPECT_EQ(judge_result(due(status), CommandResult::of(status), single()), std::nullopt);
}

TEST(ValidateFault, OfEveryStatus) {
    for (unsigned code = 0; code <= 0xFF; ++code) {
        const auto status = static_cast<ScsiStatus>(code);
        const std::string seen = fault(judge_result(due(), CommandResult::of(status), single()));
        switch (status) {
            case ScsiStatus::Good: EXPECT_EQ(seen, ""); break;
            case ScsiStatus::Busy: EXPECT_EQ(seen, "helper"); break;
            case ScsiStatus::TaskAborted: EXPECT_EQ(seen, "another host"); break;
            default: EXPECT_EQ(seen, "array") << code; break;
        }
    }
    EXPECT_EQ(fault(judge_result(due(kConflict), CommandResult::good(), single())), "array");
}

TEST(ValidateFault, OfEverySenseCode) {
    for (unsigned key = 0; key <= 0xF; ++key)
        for (unsigned asc = 0; asc <= 0xFF; ++asc)
            for (unsigned ascq = 0; ascq <= 0x10; ++ascq) {
                const auto sense_key = static_cast<SenseKey>(key);
                std::string expected = "array";
                if (sense_key == SenseKey::AbortedCommand)
                    expected = asc == 0x00 && ascq == 0x06 ? "helper" : "path";
                if (sense_key == SenseKey::NotReady && asc == 0x04 && (ascq == 0x0B || ascq == 0x0C))
                    expected = "path";
                EXPECT_EQ(fault_of_sense(sense_key, static_cast<std::uint8_t>(asc),
                                         static_cast<std::uint8_t>(ascq)),
                          expected)
                    << key << " " << asc << " " << ascq;
            }
    EXPECT_EQ(fault(judge_result(due(), CommandResult::of(ScsiStatus::CheckCondition), single())), "array");
}

TEST(ValidateFault, OfWhatAHelperDoesNotServe) {
    WayFacts part = single();
    part.whole = false;
    EXPECT_EQ(fault_of_sense(SenseKey::IllegalRequest, 0x20, 0x00, part), "helper");
    WayFacts fresh = single();
    fresh.answered = false;
    const auto finding = judge_result(due(), CommandResult::check_condition(sense::kInvalidOpcode), fresh);
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->fault, Fault::Array);
    EXPECT_NE(finding->words.find("--allow-device"), std::string::npos);
}

TEST(ValidateFault, OfAMissingFeatureNamesIt) {
    Due with_aptpl = due();
    with_aptpl.aptpl = true;
    const auto finding = judge_result(
        with_aptpl, CommandResult::check_condition(sense::kInvalidFieldInParameterList), single());
    ASSERT_TRUE(finding);
    EXPECT_NE(finding->words.find("does not support RESERVE with APTPL"), std::string::npos)
        << finding->words;
}

TEST(ValidateFault, OfWhatCannotBeSentWhereAPathFails) {
    EXPECT_EQ(fault_of_sense(SenseKey::AbortedCommand, 0x00, 0x06, map_of({"sdb"})), "path");
    EXPECT_EQ(fault_of_sense(SenseKey::HardwareError, 0x44, 0x00, map_of({"sdb"})), "path");
    EXPECT_EQ(fault_of_sense(SenseKey::HardwareError, 0x44, 0x00, map_of()), "array");
}

TEST(ValidateFault, OfAConflictThatIsNotDue) {
    const auto judged = [](const DiskState& before, const DiskState& after, const WayFacts& way) {
        return fault(judge_result(due(), CommandResult::of(kConflict), way, before, after));
    };
    EXPECT_EQ(judged(state({kOurs}), state({kOurs}), single()), "array");
    EXPECT_EQ(judged(state({kOurs}), state({kOurs, kTheirs}, 2), single()), "another host");
    EXPECT_EQ(judged(state({kOurs}), state({kOurs}, 2), single()), "another host");  // it was here, and left
    EXPECT_EQ(judged(state({kOurs}), state({kOurs}, 2), map_of()), "array");  // the helper's own commands

    Due second = due();
    second.introduces_second = true;
    EXPECT_EQ(
        fault(judge_result(second, CommandResult::of(kConflict), single(), state({kOurs}), state({kOurs}))),
        "second node");
}

TEST(ValidateFault, OfAPathIsNotBlamedOnAnotherHost) {
    const auto lost = CommandResult::check_condition(sense::kCommunicationFailure);
    EXPECT_EQ(fault(judge_result(due(), lost, single(), state({}), state({kTheirs}, 9))), "path");
}

TEST(ValidateFault, OfKeysThatAreNotAsDue) {
    const auto judged = [](const DiskState& after, const WayFacts& way, std::size_t wanted = 1) {
        Due wanted_keys = due();
        wanted_keys.keys = {{kOurs, wanted}};
        return fault(judge_state(wanted_keys, state({}), after, way));
    };
    EXPECT_EQ(judged(state({kOurs}), single()), "");
    EXPECT_EQ(judged(state({}), single()), "array");
    EXPECT_EQ(judged(state({kOurs, kOurs}), single()), "array");
    EXPECT_EQ(judged(state({kOurs, kOther}), single()), "array");
    EXPECT_EQ(judged(state({kOurs, kTheirs}), single()), "another host");
    EXPECT_EQ(judged(state({kTheirs}), single()), "another host");
    EXPECT_EQ(judged(state({}, 3), single()), "another host");  // preempted, and gone again
    EXPECT_EQ(judged(state({kOurs, kOurs}), map_of(), 2), "");
    EXPECT_EQ(judged(state({kOurs}), map_of({"sdb"}), 2), "path");
    EXPECT_EQ(judged(state({kOurs}), map_of(), 2), "multipathd");
    EXPECT_EQ(judged(state({}), map_of(), 2), "array");
}

TEST(ValidateFault, OfAHolderThatIsNotDue) {
    Due held = due();
    held.holder = kOurs;
    DiskState after = state({kOurs});
    EXPECT_EQ(fault(judge_state(held, after, after, single())), "array");  // nobody holds
    after.held = HeldReservation{kOurs, 0, 5};
    EXPECT_EQ(fault(judge_state(held, after, after, single())), "");
    EXPECT_EQ(fault(judge_state(due(), after, after, single())), "array");  // nobody should
    after.held->type = 1;
    EXPECT_EQ(fault(judge_state(held, after, after, single())), "array");
    after.held = HeldReservation{kOther, 0, 5};
    EXPECT_EQ(fault(judge_state(held, after, after, single())), "array");
}

TEST(ValidateFault, OfWhatTheOtherNodeDoesNotSee) {
    Due other = due();
    other.seen_by_other = true;
    EXPECT_EQ(fault(judge_state(other, state({}), state({}, 99), single())), "second node");
    other.same_unit = true;
    EXPECT_EQ(fault(judge_state(other, state({}), state({}), single())), "array");
}

TEST(ValidateFault, OfMultipathd) {
    EXPECT_EQ(judge_multipathd({true, {}, kOurs, false}, kOurs), std::nullopt);
    EXPECT_EQ(fault(judge_multipathd({true, {}, kOther, false}, kOurs)), "multipathd");
    EXPECT_EQ(fault(judge_multipathd({true, {}, std::nullopt, false}, kOurs)), "multipathd");
    const auto silent = judge_multipathd({false, "Connection refused", std::nullopt, false}, kOurs);
    ASSERT_TRUE(silent);
    EXPECT_NE(silent->words.find("Connection refused"), std::string::npos);
}

TEST(ValidateFault, SaysWhatWasSeenAndWhatIsDue) {
    const auto finding = judge_result(due(kConflict), CommandResult::good(), single());
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->words.substr(0, 50), "RESERVE: GOOD, where RESERVATION CONFLICT is due: ");
}

}  // namespace
}  // namespace prh::ctl
