// SPDX-License-Identifier: MIT
#include "multipath/scenario.h"

namespace prh::multipath {
namespace {

using Preparation = std::function<void(World&)>;

std::size_t last(const World& world) { return world.paths.size() - 1; }

void nothing(World&) {}
void registered(World& world) { world.guest_must(reg(0, K)); }
void other_registered(World& world) { world.other_must(reg(0, J)); }
void holds_first(World& world) { world.guest_holds_through(0); }
void holds_last(World& world) { world.guest_holds_through(last(world)); }
void holds_persistently(World& world) {
    world.guest_must(reg(0, K, {.aptpl = true}));
    world.guest_must(reserve(K, 5));
}
void dies_first(World& world) { world.paths.become(0, Health::kOffline); }
/// It dies in the moment of the command: nobody knows yet.
void dies_first_unnoticed(World& world) { world.paths.become(0, Health::kUnnoticed); }
void stale_first(World& world) { world.behind_the_back(0, reg(0, 0x57A1E)); }
void stale_last(World& world) { world.behind_the_back(last(world), reg(0, 0x57A1E)); }
void registered_for_all_ports(World& world) { world.guest_must(reg(0, K, {.all_tg_pt = true})); }

Preparation other_holds(std::uint8_t type) {
    return [=](World& world) {
        world.other_must(reg(0, J));
        world.other_must(reserve(J, type));
    };
}
Preparation guest_holds(std::uint8_t type) {
    return [=](World& world) {
        world.guest_must(reg(0, K));
        world.guest_must(reserve(K, type));
    };
}
/// The host where the guest was: it holds, with the key that the guest brings along.
void source_holds(World& world) {
    world.other_must(reg(0, K), 1);
    world.other_must(reserve(K, 5), 1);
}
void released_by_other(World& world) { world.other_must(release(J, 7)); }

template <class... Steps>
Preparation in_order(Steps... steps) {
    return [=](World& world) { (steps(world), ...); };
}

std::vector<Scenario> registering() {
    const TransportId other = World::other_nexus(2).initiator_port;
    return {
        {"Register", reg(0, K), nothing},
        {"RegisterPersistently", reg(0, K, {.aptpl = true}), other_registered},
        {"RegisterWhileAnotherHolds", reg(0, K), other_holds(5)},
        // A stale path and a lost answer together: a CONFLICT is then the truth, and IGNORE the way out.
        {"RegisterWhereTheFirstPathIsStale", reg(0, K), stale_first, reg_ignore(0, K)},
        {"RegisterWhereTheLastPathIsStale", reg(0, K), stale_last, reg_ignore(0, K)},
        {"RegisterWithOneDeadPath", reg(0, K), dies_first},
        {"RegisterThroughAllTargetPorts", reg(0, K, {.all_tg_pt = true}), nothing},
        {"RegisterForAnotherPort", reg(0, K, {.spec_i_pt = true, .ids = {other}}), nothing},
        {"RegisterOfAMigratedGuest", reg(0, K), source_holds},
        {"RegisterWithAWrongKey", reg(kWrongKey, K2), registered},
        {"RegisterIgnoring", reg_ignore(0, K), other_holds(6)},
        {"RegisterIgnoringAKey", reg_ignore(0, K2), holds_last},
        {"RegisterIgnoringADeadHoldersKey", reg_ignore(0, K2), in_order(holds_first, dies_first)},
        {"ChangeKey", reg(K, K2), registered},
        {"ChangeKeyOfTheHolder", reg(K, K2), in_order(holds_first, other_registered)},
        {"ChangeKeyWhileTheLastPathHolds", reg(K, K2), in_order(holds_last, other_registered)},
        {"ChangeKeyWhileAnotherHolds", reg(K, K2), in_order(registered, other_holds(5))},
        {"ChangeKeyOfADeadHolder", reg(K, K2), in_order(holds_first, other_registered, dies_first)},
        {"ChangeKeyOfAHolderThatDiesNow", reg(K, K2), in_order(holds_first, dies_first_unnoticed)},
        {"ChangeKeyThroughAllTargetPorts", reg(K, K2, {.all_tg_pt = true}), registered_for_all_ports},
    };
}

std::vector<Scenario> unregistering() {
    return {
        {"Unregister", reg(K, 0), registered},
        {"UnregisterIgnoring", reg_ignore(0, 0), in_order(holds_last, other_registered)},
        {"UnregisterTheHolder", reg(K, 0), in_order(holds_first, other_registered)},
        {"UnregisterWhileTheLastPathHolds", reg(K, 0), in_order(holds_last, other_registered)},
        {"UnregisterWhileAllHold", reg(K, 0), in_order(guest_holds(7), other_registered)},
        {"UnregisterWhileAnotherHolds", reg(K, 0), in_order(registered, other_holds(5))},
        {"UnregisterADeadHolder", reg(K, 0), in_order(holds_first, other_registered, dies_first)},
        {"UnregisterAHolderThatDiesNow", reg(K, 0), in_order(holds_first, dies_first_unnoticed)},
        {"Clear", clear(K), in_order(registered, other_holds(5))},
        {"ClearOurs", clear(K), in_order(holds_last, other_registered)},
        {"ClearWithAWrongKey", clear(kWrongKey), in_order(registered, other_holds(5))},
        {"MoveAndStay", move(K, J, {World::other_nexus()}), in_order(holds_first, other_registered)},
        {"MoveFromTheLastPath", move(K, J, {World::other_nexus()}), holds_last},
        {"MoveAndLeave", move(K, J, {World::other_nexus(), true}), in_order(holds_last, other_registered)},
        {"MoveFromADeadPath", move(K, J, {World::other_nexus()}), in_order(holds_first, dies_first)},
    };
}

std::vector<Scenario> reserving() {
    return {
        {"Reserve", reserve(K, 5), in_order(registered, other_registered)},
        {"ReserveForAll", reserve(K, 7), in_order(registered, other_registered)},
        {"ReserveAgainWhileTheLastPathHolds", reserve(K, 5), holds_last},
        {"ReserveAgainWhatADeadPathHolds", reserve(K, 5), in_order(holds_first, dies_first)},
        {"ReserveWhileAnotherHolds", reserve(K, 5), in_order(registered, other_holds(5))},
        {"ReserveWithAWrongKey", reserve(kWrongKey, 5), registered},
        {"Release", release(K, 5), in_order(holds_first, other_registered)},
        {"ReleaseWhileTheLastPathHolds", release(K, 5), in_order(holds_last, other_registered)},
        {"ReleaseWhileAllHold", release(K, 8), in_order(guest_holds(8), other_registered)},
        {"ReleaseWhatADeadPathHolds", release(K, 5), in_order(holds_first, other_registered, dies_first)},
        {"ReleaseWhatAPathHoldsThatDiesNow", release(K, 5), in_order(holds_first, dies_first_unnoticed)},
        {"ReleaseWhileAnotherHolds", release(K, 5), in_order(registered, other_holds(5))},
        {"ReleaseOfAnotherType", release(K, 6), in_order(holds_last, other_registered)},
        {"ReadKeys", read_keys(), in_order(holds_last, other_registered)},
        {"ReadReservation", read(PrInAction::ReadReservation), holds_last},
        {"ReportCapabilities", read(PrInAction::ReportCapabilities), nothing},
        {"ReadFullStatus", read(PrInAction::ReadFullStatus), in_order(holds_last, other_registered)},
        {"ReadWithAUnitAttentionWaiting", read_keys(),
         in_order(guest_holds(7), other_registered, released_by_other)},
    };
}

std::vector<Scenario> preempting() {
    return {
        {"PreemptTheHolder", preempt(K, J, 5), in_order(registered, other_holds(5))},
        {"PreemptARegistration", preempt(K, J, 5), in_order(holds_last, other_registered)},
        {"PreemptARegistrationUnderAnExclusive", preempt(K, J, 6), in_order(registered, other_holds(1))},
        {"PreemptARegistrantOfAll", preempt(K, J, 7), in_order(registered, other_holds(7))},
        {"PreemptEverybody", preempt(K, 0, 5), in_order(registered, other_holds(7))},
        {"PreemptAKeyThatNobodyHas", preempt(K, 0x5555, 5), in_order(registered, other_holds(5))},
        {"PreemptAndAbort", preempt_and_abort(K, J, 6), in_order(registered, other_holds(5))},
        {"PreemptOurselves", preempt(K, K, 5), in_order(holds_first, other_registered)},
        {"PreemptOurselvesWhileTheLastPathHolds", preempt(K, K, 6), in_order(holds_last, other_registered)},
        {"PreemptOurselvesPersistently", preempt(K, K, 6), holds_persistently},
        {"PreemptAndAbortOurselves", preempt_and_abort(K, K, 6), holds_last},
        {"PreemptOurselvesWhereADeadPathHolds", preempt(K, K, 6),
         in_order(holds_first, other_registered, dies_first)},
        {"PreemptOurselvesWhereAPathHoldsThatDiesNow", preempt(K, K, 6),
         in_order(holds_first, dies_first_unnoticed)},
        {"PreemptOurselvesWhereNothingIsHeld", preempt(K, K, 5), in_order(registered, other_registered)},
        {"PreemptOurselvesWhereAnotherHolds", preempt(K, K, 5), in_order(registered, other_holds(5))},
        {"PreemptOurselvesWhereAllHold", preempt(K, K, 7), in_order(guest_holds(7), other_registered)},
        {"PreemptOurselvesWrongly", preempt(K, K, 0), holds_last},
        {"PreemptTheSourceOfAMigration", preempt(K, K, 5), in_order(source_holds, registered)},
        {"PreemptTheSourceOfAMigrationBesideAnother", preempt(K, K, 6),
         in_order(source_holds, registered, other_registered)},
        {"PreemptTheSourceOfAMigrationWithOneDeadPath", preempt(K, K, 5),
         in_order(source_holds, dies_first, registered)},
    };
}

}  // namespace

std::vector<Scenario> every_scenario() {
    std::vector<Scenario> all;
    for (const auto& some : {registering(), unregistering(), reserving(), preempting()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

std::vector<Setting> settings_of_scenarios() {
    using Kind = FakeManager::Kind;
    return {
        {Dialect::kSpc, 2, true, Kind::kPresent, false},  {Dialect::kSpc, 2, false, Kind::kAbsent, false},
        {Dialect::kSpc, 4, true, Kind::kRefuses, true},   {Dialect::kLio, 2, true, Kind::kAbsent, false},
        {Dialect::kLio, 3, false, Kind::kPresent, false},
    };
}

}  // namespace prh::multipath
