// SPDX-License-Identifier: MIT
// What SPC-4 promises of every history, each promise by itself: seen only through what a logical unit shows
// before and after a command.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>

#include "emul/aptpl_image.h"
#include "emul/logical_unit.h"
#include "model/request.h"
#include "unit/emul_hosts.h"

namespace prh::model {
namespace {

struct Step {
    const Request& request;
    const LogicalUnit& before;
    const LogicalUnit& after;
    const std::string& answer;

    bool good() const { return answer == "GOOD"; }
    bool is(std::initializer_list<int> actions) const {
        return !request.in && std::count(actions.begin(), actions.end(), request.action) > 0;
    }
    Nexus sender() const { return nexus(request.sender); }
};

/// Runs a random history and shows each step to `look`.
void for_every_step(const std::function<void(const Step&)>& look) {
    const bool persists = *rc::gen::arbitrary<bool>();
    LogicalUnit unit({{1, 2}, 6, persists});
    for (const Request& request : *rc::gen::container<std::vector<Request>>(any_request())) {
        const LogicalUnit before = unit;
        std::vector<std::uint8_t> data(request.in ? request.allocation_length : 0);
        const std::string answer =
            test::brief(unit.execute(nexus(request.sender), cdb_of(request), list_of(request), data));
        look({request, before, unit, answer});
    }
}

/// What the next command of `who` is answered; the unit is a copy.
std::string next_answer(LogicalUnit unit, const Nexus& who) { return test::Host(unit, who).notices(); }

bool same_but_for_attentions(const LogicalUnit& one, const LogicalUnit& other) {
    return one.registrations() == other.registrations() && one.reservation() == other.reservation() &&
           one.generation() == other.generation() && one.aptpl() == other.aptpl();
}

RC_GTEST_PROP(Invariant, AHolderIsRegisteredAndThereIsOneUnlessAllRegistrantsHold, ()) {
    for_every_step([](const Step& step) {
        int holders = 0;
        for (int i = 0; i < kNexuses; ++i) {
            if (!step.after.is_holder(nexus(i))) continue;
            ++holders;
            RC_ASSERT(step.after.registrations().contains(nexus(i)));
        }
        const auto& reservation = step.after.reservation();
        if (!reservation)
            RC_ASSERT(holders == 0);
        else if (is_all_registrants(reservation->type))
            RC_ASSERT(holders > 0 && static_cast<std::size_t>(holders) == step.after.registrations().size());
        else
            RC_ASSERT(holders == 1);
    });
}

RC_GTEST_PROP(Invariant, GenerationGrowsByOneOnTheListedServiceActionsOnly, ()) {
    for_every_step([](const Step& step) {
        const std::uint32_t growth = step.after.generation() - step.before.generation();
        if (step.good() && step.is({3, 4, 5, 7})) RC_ASSERT(growth == 1U);
        if (step.good() && step.is({0, 6})) RC_ASSERT(growth <= 1U);
        if (!step.good() || !step.is({0, 3, 4, 5, 6, 7})) RC_ASSERT(growth == 0U);
        if (step.before.registrations() != step.after.registrations()) RC_ASSERT(growth == 1U);
    });
}

RC_GTEST_PROP(Invariant, ACommandThatDoesNotEndGoodChangesNothing, ()) {
    for_every_step([](const Step& step) {
        if (step.good()) return;
        RC_ASSERT(same_but_for_attentions(step.before, step.after));
        if (!step.answer.starts_with("6/")) RC_ASSERT(step.before == step.after);
    });
}

RC_GTEST_PROP(Invariant, ReadingChangesNothing, ()) {
    for_every_step([](const Step& step) {
        if (step.request.in && step.good()) RC_ASSERT(step.before == step.after);
    });
}

RC_GTEST_PROP(Invariant, ReleaseByNonHolderLeavesTheReservation, ()) {
    for_every_step([](const Step& step) {
        if (step.is({2}) && !step.before.is_holder(step.sender()))
            RC_ASSERT(step.before == step.after || step.answer.starts_with("6/"));
    });
}

RC_GTEST_PROP(Invariant, AnUnregisteredNexusCanOnlyRegister, ()) {
    for_every_step([](const Step& step) {
        if (!step.is({1, 2, 3, 4, 5, 7}) || step.before.registrations().contains(step.sender())) return;
        RC_ASSERT(!step.good());
        RC_ASSERT(same_but_for_attentions(step.before, step.after));
        const bool list_is_right = step.request.list_change == 0 && !step.request.spec_i_pt;
        if (list_is_right && !step.answer.starts_with("6/")) RC_ASSERT(step.answer == "CONFLICT");
    });
}

RC_GTEST_PROP(Invariant, TheSenderOfAGoodCommandIsToldNothing, ()) {
    for_every_step([](const Step& step) {
        if (step.good()) RC_ASSERT(next_answer(step.after, step.sender()) == "GOOD");
    });
}

RC_GTEST_PROP(Invariant, WhoeverLosesItsRegistrationToAnotherHostIsTold, ()) {
    for_every_step([](const Step& step) {
        for (const Registration& lost : step.before.registrations().list()) {
            if (step.after.registrations().contains(lost.nexus)) continue;
            if (lost.nexus.initiator_port == step.sender().initiator_port) continue;
            RC_ASSERT(next_answer(step.after, lost.nexus).starts_with("6/2a/0"));
        }
    });
}

RC_GTEST_PROP(Invariant, AUnitAttentionTellsOfTheLossThatTheCommandMeans, ()) {
    for_every_step([](const Step& step) {
        for (int i = 0; i < kNexuses; ++i) {
            if (next_answer(step.before, nexus(i)) != "GOOD") continue;
            const std::string told = next_answer(step.after, nexus(i));
            if (told == "GOOD") continue;
            RC_ASSERT(step.good() && step.before.registrations().contains(nexus(i)));
            if (told == "6/2a/03") RC_ASSERT(step.is({3}));
            if (told == "6/2a/04") RC_ASSERT(step.is({0, 2, 4, 5, 6}) && step.before.reservation());
            if (told == "6/2a/05") RC_ASSERT(step.is({4, 5}));
        }
    });
}

RC_GTEST_PROP(Invariant, AccessIsNeverGivenAgainstAnExclusiveHolder, ()) {
    for_every_step([](const Step& step) {
        for (int i = 0; i < kNexuses; ++i) {
            if (step.after.allows_write(nexus(i))) RC_ASSERT(step.after.allows_read(nexus(i)));
            if (!step.after.registrations().contains(nexus(i)) && step.after.reservation())
                RC_ASSERT(!step.after.allows_write(nexus(i)));
        }
    });
}

template <class Data>
std::optional<Data> read(LogicalUnit unit, PrInAction action) {
    // The port of a stranger: it has no unit attention and is not registered.
    test::Host stranger(unit, {TransportId::sas(0xFFFF), 1});
    return Data::parse(stranger.reads(action));
}

RC_GTEST_PROP(Invariant, TheReportsTellTheStateAndAgreeWithEachOther, ()) {
    for_every_step([](const Step& step) {
        const LogicalUnit& unit = step.after;
        const auto keys = read<ReadKeysData>(unit, PrInAction::ReadKeys);
        const auto held = read<ReadReservationData>(unit, PrInAction::ReadReservation);
        const auto status = read<ReadFullStatusData>(unit, PrInAction::ReadFullStatus);
        RC_ASSERT(keys && held && status);
        RC_ASSERT(!keys->truncated && !held->truncated && !status->truncated);
        RC_ASSERT(keys->generation == unit.generation());
        RC_ASSERT(held->generation == unit.generation() && status->generation == unit.generation());
        const auto& list = unit.registrations().list();
        RC_ASSERT(keys->keys.size() == list.size() && status->descriptors.size() == list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            const FullStatusDescriptor& descriptor = status->descriptors[i];
            RC_ASSERT(keys->keys[i] == list[i].key && descriptor.key == list[i].key);
            RC_ASSERT(descriptor.transport_id == list[i].nexus.initiator_port);
            RC_ASSERT(descriptor.relative_target_port == list[i].nexus.target_port);
            RC_ASSERT(descriptor.holder == unit.is_holder(list[i].nexus));
            if (descriptor.holder) RC_ASSERT(held->held && descriptor.type == held->held->type);
            if (descriptor.holder && !held->held->key.is_zero()) RC_ASSERT(held->held->key == descriptor.key);
        }
        RC_ASSERT(held->held.has_value() == unit.reservation().has_value());
    });
}

RC_GTEST_PROP(Invariant, WhatPowerLossLeavesIsEncodedAndRestoredExactly, ()) {
    const LogicalUnitIdentity identity{1, 2, 3, 4, 5};
    for_every_step([&](const Step& step) {
        const AptplState left = step.after.left_by_power_loss();
        const auto decoded = decode_aptpl_image(identity, encode_aptpl_image(identity, left));
        RC_ASSERT(decoded && *decoded == left);
        const LogicalUnit restored({{1, 2}, 6, true}, *decoded);
        RC_ASSERT(restored.left_by_power_loss() == left);
        RC_ASSERT(restored.generation() == 0U);
        if (!step.after.aptpl())
            RC_ASSERT(restored.registrations().empty() && !restored.reservation());
        else
            RC_ASSERT(restored.registrations() == step.after.registrations() &&
                      restored.reservation() == step.after.reservation());
    });
}

}  // namespace
}  // namespace prh::model
