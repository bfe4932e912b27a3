// SPDX-License-Identifier: MIT
#include "multipath/duel_plans.h"

#include <fmt/format.h>

namespace prh::multipath {
namespace {

struct State {
    std::string name;
    std::vector<GuestRequest> before;
    std::uint8_t type = 5;
};

std::vector<GuestRequest> all_registered() {
    return {{0, reg(0, kKeyA)}, {1, reg(0, kKeyB)}, {2, reg(0, kKeyC)}};
}

State held_by(std::size_t host, std::uint8_t type) {
    const std::uint64_t keys[] = {kKeyA, kKeyB, kKeyC};
    State state{fmt::format("{} holds {}", "ABC"[host], type), all_registered(), type};
    state.before.push_back({host, reserve(keys[host], type)});
    return state;
}

std::vector<State> states(const std::vector<std::uint8_t>& types) {
    std::vector<State> all{{"nobody is registered", {}}, {"all are registered", all_registered()}};
    for (const std::uint8_t type : types)
        for (const std::size_t host : {0U, 2U}) all.push_back(held_by(host, type));
    return all;
}

struct Keys {
    std::uint64_t own, next, other;
};

/// Every service action of a host; each key that makes a difference.
std::vector<GuestCommand> requests_of(const Keys& keys, std::uint8_t type) {
    std::vector<GuestCommand> all{reg(0, keys.own),
                                  reg(keys.own, keys.next),
                                  reg(keys.own, 0),
                                  reg_ignore(0, keys.own),
                                  reg_ignore(0, keys.next),
                                  reg_ignore(0, 0),
                                  reserve(keys.own, type),
                                  release(keys.own, type),
                                  clear(keys.own),
                                  preempt(keys.own, keys.other, type),
                                  preempt(keys.own, kKeyC, type),
                                  preempt(keys.own, keys.own, type),
                                  move(keys.own, kKeyC, {Duel::plain_nexus()}),
                                  move(keys.own, kKeyC, {Duel::plain_nexus(), true})};
    if (type >= 7) all.push_back(preempt(keys.own, 0, type));
    return all;
}

const Keys kOfA{kKeyA, kNewKeyA, kKeyB};
const Keys kOfB{kKeyB, kNewKeyB, kKeyA};

std::vector<GuestCommand> requests_of_plain() {
    return {clear(kKeyC), preempt(kKeyC, kKeyA, 5), preempt(kKeyC, kNewKeyA, 5), reserve(kKeyC, 5),
            reg(kKeyC, 0)};
}

}  // namespace

std::vector<DuelPlan> pairs(const std::vector<std::uint8_t>& types) {
    std::vector<DuelPlan> all;
    for (const State& state : states(types))
        for (const GuestCommand& of_a : requests_of(kOfA, state.type))
            for (const GuestCommand& of_b : requests_of(kOfB, state.type)) {
                DuelPlan plan;
                plan.name = state.name;
                plan.before = state.before;
                plan.requests = {{0, of_a}, {1, of_b}};
                all.push_back(plan);
            }
    return all;
}

std::vector<DuelPlan> with_a_path_away() {
    std::vector<DuelPlan> all;
    for (const State& state :
         {State{"all are registered", all_registered()}, held_by(0, 5), held_by(0, 7), held_by(2, 5)})
        for (const GuestCommand& of_a : requests_of(kOfA, state.type))
            for (const GuestCommand& of_c : requests_of_plain())
                for (const std::size_t away : {0U, 1U}) {
                    DuelPlan plan;
                    plan.name = state.name + ", a path of A is away";
                    plan.before = state.before;
                    plan.requests = {{0, of_a}, {2, of_c}};
                    plan.away[0] = away;
                    all.push_back(plan);
                }
    return all;
}

std::vector<DuelPlan> of_one_host() {
    std::vector<DuelPlan> all;
    const Keys same{kKeyA, kNewKeyA, kKeyC};
    const std::vector<GuestRequest> before{{0, reg(0, kKeyA)}, {2, reg(0, kKeyC)}, {0, reserve(kKeyA, 5)}};
    for (const GuestCommand& first : requests_of(same, 5))
        for (const GuestCommand& second : requests_of(same, 5)) {
            DuelPlan plan;
            plan.name = "two helpers of one host, which holds 5";
            plan.before = before;
            plan.requests = {{0, first}, {1, second}};
            plan.one_host = true;
            all.push_back(plan);
        }
    return all;
}

std::vector<DuelPlan> with_the_watch() {
    std::vector<DuelPlan> all;
    for (const State& state : states({5, 7})) {
        std::vector<GuestRequest> others;
        for (const GuestCommand& of_b : requests_of(kOfB, state.type)) others.push_back({1, of_b});
        for (const GuestCommand& of_c : requests_of_plain()) others.push_back({2, of_c});
        for (const GuestRequest& other : others)
            for (const std::size_t away : {0U, 1U, 2U}) {  // 2: none
                DuelPlan plan;
                plan.name = state.name + ", A watches";
                plan.before = state.before;
                plan.requests = {{0, kWatch}, other};
                if (away < 2) plan.away[0] = away;
                all.push_back(plan);
            }
    }
    for (DuelPlan plan : of_one_host()) {
        plan.name += ", the other helper watches";
        plan.requests[1] = {1, kWatch};
        all.push_back(plan);
    }
    return all;
}

std::vector<DuelPlan> of_many_steps() {
    std::vector<DuelPlan> all;
    for (const State& state : {held_by(0, 5), held_by(2, 5)})
        for (const GuestCommand& of_a : requests_of(kOfA, state.type))
            for (const GuestCommand& of_c : requests_of_plain()) {
                DuelPlan plan;
                plan.name = state.name;
                plan.before = state.before;
                plan.requests = {{0, of_a}, {2, of_c}};
                all.push_back(plan);
            }
    return all;
}

}  // namespace prh::multipath
