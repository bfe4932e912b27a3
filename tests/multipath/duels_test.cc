// SPDX-License-Identifier: MIT
// Hosts meet at one logical unit, in every order of their commands, with faults and deaths in between. What
// they are told and what becomes of the reservations must be explained by some order of whole requests of
// hosts with one path each (orders.h); what is not is an exception with a name (duel_exceptions.h).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "multipath/duel_exceptions.h"
#include "multipath/duel_plans.h"
#include "multipath/explorer.h"
#include "multipath/mutants.h"

namespace prh::multipath {

Mutant mutant = Mutant::kNone;

namespace {

bool is_long() { return std::getenv("PRH_DUELS") != nullptr; }

std::uint64_t duel_seed() {
    const char* const text = std::getenv("PRH_SEED");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
}

/// As they are in a test, or (PRH_DUELS=long) some fifty times as many.
ExplorerBudget budget(std::size_t faults, std::size_t deaths, std::uint64_t runs,
                      std::uint64_t random_runs = 0) {
    const std::uint64_t times = is_long() ? 50 : 1;
    return {faults, deaths, runs * times, random_runs * times, duel_seed()};
}

Tally explore(const char* what, const std::vector<DuelPlan>& plans, const ExplorerBudget& limits) {
    Tally tally;
    const std::clock_t begun = std::clock();
    for (const DuelPlan& plan : plans) tally.add(Explorer(plan, limits).explore());
    std::printf("%s: %zu pairs of requests, %s, %.1f s, seed %llu\n", what, plans.size(),
                tally.to_string().c_str(), static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC,
                static_cast<unsigned long long>(limits.seed));
    std::map<std::string_view, std::uint64_t> exceptions;
    for (const auto& [defect, seen] : tally.defects) {
        const std::string_view name = exception_of(defect);
        if (!name.empty()) exceptions[name] += seen.count;
    }
    for (const auto& [name, count] : exceptions)
        std::printf("  %s: %llu\n", std::string(name).c_str(), static_cast<unsigned long long>(count));
    return tally;
}

std::string unexplained(const Tally& tally) {
    std::string text;
    for (const auto& [defect, seen] : tally.defects)
        if (exception_of(defect).empty())
            text += fmt::format("{} ({} times; {})\n{}\n", defect, seen.count, seen.plan, seen.story);
    return text;
}

std::vector<std::uint8_t> duel_types() {
    return is_long() ? std::vector<std::uint8_t>{1, 3, 5, 6, 7, 8} : std::vector<std::uint8_t>{5, 6, 7, 8};
}

TEST(Duels, OfTwoHostsAreThoseOfHostsWithOnePath) {
    const Tally tally = explore("two hosts", pairs(duel_types()), budget(0, 0, 2000, 200));
    EXPECT_EQ(unexplained(tally), "");
    EXPECT_GT(tally.runs, 80'000U);
}

TEST(Duels, WithAPathAwayLeaveNothingOnIt) {
    EXPECT_EQ(unexplained(explore("a path is away", with_a_path_away(), budget(0, 0, 2000))), "");
}

TEST(Duels, OfTwoHelpersOfOneHostTakeTurns) {
    const Tally tally = explore("two helpers of one host", of_one_host(), budget(0, 0, 2000));
    EXPECT_EQ(unexplained(tally), "");
    EXPECT_EQ(tally.defects.size(), 0U);
}

TEST(Duels, WithTheWatchAreAsWithout) {
    EXPECT_EQ(unexplained(explore("the watch", with_the_watch(), budget(0, 0, 2000))), "");
    EXPECT_EQ(unexplained(explore("the watch, a death", with_the_watch(), budget(0, 1, 100))), "");
}

TEST(Duels, WithOneFaultAreMadeGoodByTheNextRequest) {
    EXPECT_EQ(unexplained(explore("one fault", of_many_steps(), budget(1, 0, 600, 100))), "");
}

TEST(Duels, WithADeathAreMadeGoodByTheNextProcess) {
    for (const bool unreadable : {false, true}) {
        std::vector<DuelPlan> plans = of_many_steps();
        for (DuelPlan& plan : plans) plan.unreadable_after_death = unreadable;
        EXPECT_EQ(unexplained(explore("a death", plans, budget(0, 1, 600))), "")
            << "unreadable " << unreadable;
    }
}

/// A fault that is put back is found.
class Mutants : public testing::Test {
  protected:
    void TearDown() override { mutant = Mutant::kNone; }
    static std::size_t found(const char* what, Mutant which, const std::vector<DuelPlan>& plans,
                             const ExplorerBudget& limits) {
        mutant = Mutant::kNone;
        const Tally without = explore("  without it", plans, limits);
        mutant = which;
        const Tally with = explore(what, plans, limits);
        std::size_t more = 0;
        for (const auto& [defect, seen] : with.defects)
            if (!without.defects.contains(defect)) ++more;
        return more;
    }
    static DuelPlan holder_preempts_itself() {
        DuelPlan plan;
        plan.name = "A holds 5 and preempts itself";
        plan.before = {{0, reg(0, kKeyA)}, {2, reg(0, kKeyC)}, {0, reserve(kKeyA, 5)}};
        plan.requests = {{0, preempt(kKeyA, kKeyA, 6)}, {2, clear(kKeyC)}};
        return plan;
    }
};

TEST_F(Mutants, EndlessExchangeIsFound) {
    EXPECT_GT(found("endless exchange", Mutant::kEndlessExchange, {holder_preempts_itself()}, {1, 0, 20000}),
              0U);
}

TEST_F(Mutants, UnreadableRecordTakenForNoneIsFound) {
    DuelPlan plan = holder_preempts_itself();
    plan.unreadable_after_death = true;
    EXPECT_GT(found("unreadable record", Mutant::kUnreadableIsNone, {plan}, {0, 1, 20000}), 0U);
}

TEST_F(Mutants, RecordReadOnceIsFound) {
    EXPECT_GT(found("record read once", Mutant::kRecordReadOnce, of_one_host(), {0, 0, 40}), 0U);
}

TEST_F(Mutants, NewProcessThatKnowsItsPathsIsFound) {
    DuelPlan plan = holder_preempts_itself();
    plan.other_path_after_death = true;
    plan.requests = {{0, release(kKeyA, 5)}, {2, reserve(kKeyC, 5)}};
    EXPECT_GT(found("new process knows its paths", Mutant::kNewProcessKnowsPaths, {plan}, {0, 1, 20000}), 0U);
}

TEST_F(Mutants, StaleKeyIsFound) {
    EXPECT_GT(found("stale key stays", Mutant::kStaleKeyStays, with_a_path_away(), {0, 0, 500}), 0U);
}

}  // namespace
}  // namespace prh::multipath
