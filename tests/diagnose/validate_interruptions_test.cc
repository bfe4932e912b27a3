// SPDX-License-Identifier: MIT
// Whatever happens, at whichever command: nothing is left on the disk, or what is left is told; and nobody
// else's registration is touched.
#include <gtest/gtest.h>

#include "diagnose/validate_rehearsal.h"
#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"

namespace prh::test {
namespace {

unsigned commands_of_a_whole_run(unsigned paths = 1) {
    Rehearsal rehearsal;
    rehearsal.first_paths = paths;
    rehearsal.play();
    return rehearsal.commands;
}

TEST(ValidateInterrupted, AUserWhoStopsItFindsNothingLeft) {
    unsigned steps = 0;
    {
        Rehearsal rehearsal;
        rehearsal.stopped = [&] { return ++steps, false; };
        rehearsal.play();
    }
    ASSERT_GT(steps, 20U);
    for (unsigned at = 1; at <= steps; ++at) {
        Rehearsal rehearsal;
        rehearsal.stopped = [&, asked = 0U]() mutable { return ++asked == at; };
        const auto outcome = rehearsal.play();
        EXPECT_TRUE(outcome.interrupted) << at;
        EXPECT_EQ(exit_code_of(outcome), ctl::ExitCode::Other);
        EXPECT_TRUE(outcome.left.empty()) << at;
        EXPECT_TRUE(rehearsal.unit.registrations().empty()) << at;
    }
}

TEST(ValidateInterrupted, AHelperThatIsRestartedAtAnyCommandLeavesNothing) {
    const unsigned commands = commands_of_a_whole_run();
    for (const Mishap mishap : {Mishap::NotSent, Mishap::AnswerLost})
        for (unsigned at = 1; at <= commands; ++at) {
            Rehearsal rehearsal;
            rehearsal.mishap = [&](unsigned number, const Cdb&) {
                return number == at ? mishap : Mishap::None;
            };
            const auto outcome = rehearsal.play();
            EXPECT_TRUE(outcome.left.empty()) << at;
            EXPECT_TRUE(rehearsal.unit.registrations().empty()) << at;
            const std::string fault = fault_of(outcome);  // none if it was while cleaning up
            EXPECT_TRUE(fault == "helper" || fault.empty()) << at << ": " << finding_of(outcome);
        }
}

TEST(ValidateInterrupted, AHelperThatDoesNotReturnLeavesWhatIsTold) {
    const unsigned commands = commands_of_a_whole_run();
    for (unsigned at = 1; at <= commands; ++at) {
        Rehearsal rehearsal;
        rehearsal.helper_returns = false;
        rehearsal.mishap = [&](unsigned number, const Cdb&) {
            return number >= at ? Mishap::AnswerLost : Mishap::None;
        };
        const auto outcome = rehearsal.play();
        // A helper that is back, and the commands that were told.
        rehearsal.mishap = [](unsigned, const Cdb&) { return Mishap::None; };
        rehearsal.helper = 0;
        RehearsedNode first(rehearsal, "/dev/first", 0, 1), second(rehearsal, "/dev/second", 0x20, 1);
        for (const ctl::Leftover& left : outcome.left) {
            EXPECT_FALSE(left.certain);
            PrOutParameters parameters;
            parameters.reservation_key = left.key;
            const auto list = parameters.encode();
            for (int attempt = 0; attempt < 3; ++attempt)  // --retry-unit-attention
                (left.node == ctl::Node::First ? first : second)
                    .execute(Cdb::persistent_reserve_out(PrOutAction::Register, 0, 24), list);
        }
        EXPECT_TRUE(rehearsal.unit.registrations().empty()) << at;
    }
}

TEST(ValidateInterrupted, APathThatFailsOnceAtAnyCommandIsAPathsFaultAndLeavesNothing) {
    const unsigned commands = commands_of_a_whole_run();
    for (unsigned at = 1; at <= commands; ++at) {
        Rehearsal rehearsal;
        rehearsal.mishap = [&](unsigned number, const Cdb&) {
            return number == at ? Mishap::PathLost : Mishap::None;
        };
        const auto outcome = rehearsal.play();
        EXPECT_TRUE(outcome.left.empty()) << at;
        EXPECT_TRUE(rehearsal.unit.registrations().empty()) << at;
        const std::string fault = fault_of(outcome);
        EXPECT_TRUE(fault == "path" || fault.empty()) << at << ": " << finding_of(outcome);
    }
}

TEST(ValidateInterrupted, ARegistrationThatCannotBeRemovedIsTold) {
    Rehearsal rehearsal;
    rehearsal.mishap = [&](unsigned, const Cdb& cdb) {
        const bool changes = cdb.is_persistent_reserve_out();
        return changes && !rehearsal.unit.registrations().empty() ? Mishap::PathLost : Mishap::None;
    };
    const auto outcome = rehearsal.play(false);
    ASSERT_EQ(outcome.left.size(), 1U);
    EXPECT_TRUE(outcome.left[0].certain);
    EXPECT_EQ(outcome.left[0].key, rehearsal.keys.first);
    EXPECT_TRUE(rehearsal.is_registered(rehearsal.keys.first.value));
    EXPECT_EQ(exit_code_of(outcome), ctl::ExitCode::Other);
}

TEST(ValidateInterrupted, AnotherHostThatRegistersAtAnyMomentIsSeenAndKeepsItsKey) {
    constexpr std::uint64_t kTheirs = 0x77;
    for (const unsigned paths : {1U, 2U}) {
        const unsigned commands = commands_of_a_whole_run(paths);
        unsigned seen = 0;
        for (unsigned at = 3; at <= commands; ++at) {  // after it was found to be free
            Rehearsal rehearsal;
            rehearsal.first_paths = paths;
            bool cleared = false;
            rehearsal.mishap = [&](unsigned number, const Cdb& cdb) {
                if (number == at) {
                    rehearsal.stranger_registers(kTheirs);
                    // Between a look and what follows it nobody can help it.
                    cleared = cdb.is_persistent_reserve_out() &&
                              cdb.service_action() == static_cast<std::uint8_t>(PrOutAction::Clear);
                }
                return Mishap::None;
            };
            const auto outcome = rehearsal.play();
            EXPECT_EQ(rehearsal.is_registered(kTheirs), !cleared) << at;
            EXPECT_TRUE(outcome.left.empty()) << at;
            for (const ReservationKey key : rehearsal.keys.all())
                EXPECT_FALSE(rehearsal.is_registered(key.value)) << at;
            const std::string fault = fault_of(outcome);
            EXPECT_TRUE(fault == "another host" || fault.empty() || outcome.refusal)
                << at << ": " << finding_of(outcome);
            seen += fault == "another host" ? 1 : 0;
        }
        EXPECT_GT(seen, commands / 2);
    }
}

}  // namespace
}  // namespace prh::test
