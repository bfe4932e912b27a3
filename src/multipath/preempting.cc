// SPDX-License-Identifier: MIT
// PREEMPT and PREEMPT AND ABORT. A key names all of a host's paths at once, so one path of ours is enough;
// what takes care is a key that is our own.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {

CommandResult Engine::preempt(Request& request) {
    if (!take_exclusive_type(request)) return CommandResult::check_condition(sense::kInvalidFieldInCdb);
    const ReservationKey victim = request.parameters.service_action_key;
    if (victim.is_zero()) return preempt_all(request);
    if (victim != request.parameters.reservation_key) return preempt_other(request);
    const bool of_holder = has_one_holder(request.held) && request.held->key == victim;
    return of_holder ? preempt_self(request) : preempt_self_unheld(request);
}

CommandResult Engine::preempt_other(Request& request) {
    const std::size_t lost = request.exchange.lost().size();
    Answer answer = send_down_one(request);
    const ReservationKey victim = request.parameters.service_action_key;
    if (answer.unknown_here() && request.exchange.lost().size() > lost) {
        // The path that was lost may have done it: then the victim is unknown to the next one.
        const auto keys = request.exchange.read_keys();
        if (keys && std::ranges::count(*keys, victim) == 0) {
            const ReservationKey key = request.parameters.reservation_key;
            if (registered_path(request.exchange, key))
                answer = inferred_good();
            else if (!key.is_zero() && key == record_.key)
                return no_path();  // we are preempted by now: whether this was first, nobody can tell
        }
    }
    if (!answer.good()) return answer.result;
    request.exchange.drain(answer.path);
    if (request.held && request.held->key == victim) hold(true);
    return answer.result;
}

/// Key zero preempts every registrant of an all-registrants reservation, our other paths among them: they
/// are registered again at once. In between their writes conflict; nothing that this command set has can
/// prevent that.
CommandResult Engine::preempt_all(Request& request) {
    if (!reaches_every_path("PREEMPT of all registrants")) return no_path();
    const ReservationKey key = request.parameters.reservation_key;
    const auto type_held = request.held ? reservation_type(request.held->type) : std::nullopt;
    if (!type_held || !is_all_registrants(*type_held) || !registered_path(request.exchange, key))
        return send_down_one(request).result;
    const MapRecord old = record_;
    record_.key = key;
    miss_all();  // if this ends here, the next request registers them
    save();
    Answer answer = send_down_one(request);
    if (answer.unknown_here() && !request.exchange.lost().empty()) {
        const auto now = request.exchange.read_reservation();
        if (now && *now && *now != request.held && (*now)->key == key && (*now)->type == request.cdb.type())
            answer = inferred_good();
    }
    if (!answer.good()) {
        if (answer.outcome != Outcome::Lost) record_.missed = old.missed;
        save();
        return answer.result;
    }
    std::vector<std::size_t> siblings = request.exchange.good_paths();
    std::erase(siblings, answer.path);
    const OutCommand again = registering({}, key);
    std::vector<std::size_t> registered;
    if (answer.path != kNobody) registered.push_back(answer.path);
    for (const Answer& sibling : request.exchange.send_to_all(siblings, again.command()))
        if (sibling.good()) registered.push_back(sibling.path);
    if (registered.size() > 1 && !stayed_registered(request.exchange, registered, key))
        return fenced(request.exchange, registered, key);
    miss_all_but(registered);
    request.exchange.drain(answer.path);
    save();
    const auto type = reservation_type(request.cdb.type());
    hold(type && !is_all_registrants(*type));
    return answer.result;
}

/// Nothing is held with this key: whoever has it loses its registration, the sender with all its paths.
CommandResult Engine::preempt_self_unheld(Request& request) {
    const std::size_t lost = request.exchange.lost().size();
    const ReservationKey key = request.parameters.reservation_key;
    Answer answer = send_down_one(request);
    const bool may_be_done =
        answer.unknown_here() && record_.key == key && request.exchange.lost().size() > lost;
    if (!answer.good() && !may_be_done) return answer.result;
    const auto keys = request.exchange.read_keys();
    if (!answer.good() && (!keys || std::ranges::count(*keys, key) != 0)) return answer.result;
    if (keys && std::ranges::count(*keys, key) == 0) {
        forget_registration();
        world_.manager.unset_registered();
        world_.manager.unset_key();
    } else {
        miss_all_but({answer.path});  // the sender kept its own
        reconcile(request.exchange);
    }
    request.exchange.drain(answer.path);
    save();
    return CommandResult::good();
}

CommandResult Engine::preempt_self(Request& request) {
    if (!reaches_every_path("PREEMPT of the own key")) return no_path();
    const ReservationKey key = request.parameters.reservation_key;
    const Answer answer = swap_and_preempt(request.exchange, key, request.command());
    if (answer.good()) hold(true);
    return answer.result;
}

}  // namespace prh
