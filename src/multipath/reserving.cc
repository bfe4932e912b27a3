// SPDX-License-Identifier: MIT
// RESERVE, RELEASE, CLEAR and REGISTER AND MOVE: what one nexus holds for all of ours.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {

/// Any path may hold for us. If none of those that answer does, a dead one may: then it is granted, since the
/// guest asks for what it has.
CommandResult Engine::reserve(Request& request) {
    if (!take_exclusive_type(request)) return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    const std::size_t lost = request.exchange.lost().size();
    Answer answer = send_down_one(request);
    if (answer.unknown_here()) {
        const auto now = request.exchange.read_reservation();
        const ReservationKey key = request.parameters.reservation_key;
        const bool as_asked = now && has_one_holder(*now) && (*now)->key == key &&
                              (*now)->type == request.cdb.type() && (*now)->scope == request.cdb.scope();
        // Nothing was held a moment ago, and a path was lost while it was asked for just this.
        const bool lost_one_has_it = !request.held && request.exchange.lost().size() > lost;
        if (as_asked && (lost_one_has_it || holder_is_ours(request.exchange, **now).value_or(false)))
            answer = inferred_good();
    }
    if (answer.good()) hold(true);
    return answer.result;
}

CommandResult Engine::release(Request& request) {
    if (has_one_holder(request.held)) return release_everywhere(request, *request.held);
    const Answer answer = send_down_one(request);
    if (answer.good() && request.held) {
        request.exchange.drain(answer.path);
        hold(false);
    }
    return answer.result;
}

/// A registered nexus that does not hold releases nothing and is told GOOD, so every path is asked and what
/// came of it is read back.
CommandResult Engine::release_everywhere(Request& request, const HeldReservation& held) {
    Exchange& exchange = request.exchange;
    const std::vector<std::size_t> paths = exchange.good_paths();
    const std::vector<Answer> answers = exchange.send_to_all(paths, request.command());
    const auto find = [&](auto condition) { return std::ranges::find_if(answers, condition); };
    const auto good = find([](const Answer& answer) { return answer.good(); });
    const auto busy = find([](const Answer& answer) { return answer.outcome == Outcome::Busy; });
    const auto objection = find([](const Answer& answer) { return answer.outcome == Outcome::Refused; });
    const auto unknown = find([](const Answer& answer) { return answer.unknown_here(); });

    const auto now = exchange.read_reservation();
    if (!now) return no_path();
    const bool right_key = held.key == request.parameters.reservation_key;
    if (*now != held) {
        // A path that is lost may have released it; who is told CONFLICT everywhere was preempted.
        const auto lost = find([](const Answer& answer) { return answer.outcome == Outcome::Lost; });
        if (good != answers.end() || (right_key && lost != answers.end() && !exchange.preemption())) {
            exchange.drain(kNobody);
            hold(false);
            return CommandResult::good();
        }
    } else if (busy != answers.end()) {
        return busy->result;
    } else if (const auto ours = holder_is_ours(exchange, held); ours != false) {
        if (!ours) return no_path();
        // The path that holds objects, or it is away: then it is objected to in its name.
        for (const auto& found : {objection, unknown})
            if (found != answers.end()) return found->result;
        if (!right_key) return CommandResult::of(ScsiStatus::ReservationConflict);
        if (held.type != request.cdb.type() || held.scope != request.cdb.scope())
            return CommandResult::check_condition(sense::kInvalidReleaseOfPersistentReservation);
        if (all_are_ours(exchange, held.key) && take_over(exchange, held)) {
            const Answer answer = exchange.send(exchange.preferred(), request.command());
            exchange.drain(answer.path);
            if (answer.good()) hold(false);
            return answer.outcome == Outcome::Lost ? no_path() : answer.result;
        }
        return no_path();  // the path that holds is away, and nobody may act for it
    } else if (exchange.preemption()) {
        return *exchange.preemption();  // another host holds now, with what was ours a moment ago
    }
    for (const auto& found : {objection, good, unknown})
        if (found != answers.end()) return found->result;
    return no_path();
}

CommandResult Engine::clear(Request& request) {
    const std::size_t lost = request.exchange.lost().size();
    Answer answer = send_down_one(request);
    const bool registered = !record_.key.is_zero() && record_.key == request.parameters.reservation_key;
    if (!answer.good() && registered && request.exchange.lost().size() > lost) {
        const auto keys = request.exchange.read_keys();
        if (keys && keys->empty()) answer = inferred_good();
    }
    if (!answer.good()) return answer.result;
    request.exchange.drain(answer.path);
    forget_registration();
    save();
    world_.manager.unset_registered();
    world_.manager.unset_key();
    hold(false);
    return answer.result;
}

/// Only the path that holds can move what it holds; the others conflict and change nothing.
CommandResult Engine::move(Request& request) {
    Exchange& exchange = request.exchange;
    const std::size_t lost = exchange.lost().size();
    const auto parameters = RegisterAndMoveParameters::parse(request.list);
    if (!parameters) return send_down_one(request).result;
    const ReservationKey key = parameters->reservation_key;
    if (parameters->unreg && registered_path(exchange, key)) {
        record_.key = key;
        record_.leaving = true;
        save();
    }
    Answer answer = send_down_one(request);
    if (answer.unknown_here() && has_one_holder(request.held) && request.held->key == key) {
        const auto now = exchange.read_reservation();
        if (exchange.lost().size() > lost && now && *now && (*now)->key != key &&
            (*now)->key == parameters->service_action_key)
            answer = inferred_good();
        else if (now && *now && (*now)->key == key && holder_is_ours(exchange, **now).value_or(false) &&
                 all_are_ours(exchange, key) && take_over(exchange, **now))
            answer = exchange.send(exchange.preferred(), request.command());
    }
    if (!answer.good()) {
        if (record_.leaving && answer.outcome != Outcome::Lost) {
            record_.leaving = false;
            save();
        }
        return answer.result;
    }

    record_.aptpl = parameters->aptpl;
    if (parameters->unreg) {
        std::vector<std::size_t> siblings = exchange.good_paths();
        std::erase(siblings, answer.path);
        forget_registration();
        record_.leaving = false;
        miss_all();
        save();
        std::vector<std::size_t> unregistered{answer.path};
        if (!siblings.empty() && owners_of(exchange, key) == KeyOwners::Us &&
            unregister_last(exchange, siblings.back(), key).good()) {
            unregistered.push_back(siblings.back());
            siblings.pop_back();
        }
        const OutCommand forget = registering_ignoring({});
        for (const Answer& sibling : exchange.send_to_all(siblings, forget.command()))
            if (sibling.good()) unregistered.push_back(sibling.path);
        miss_all_but(unregistered);
        if (record_.swap) {  // of a path that was lost while it left
            for (const KeySwap::Swapped& one : record_.swap->swapped) record_.stale.push_back(one.key);
            record_.swap.reset();
        }
        if (unregistered.size() < world_.paths.count() && owners_of(exchange, key) != KeyOwners::Nobody)
            remember_stale(key);
        save();
        world_.manager.unset_registered();
        world_.manager.unset_key();
    }
    exchange.drain(answer.path);
    hold(false);
    return answer.result;
}

void Engine::hold(bool holding) {
    if (record_.holding != holding) {
        record_.holding = holding;
        save();
    }
    world_.manager.set_holding(holding);
}

}  // namespace prh
