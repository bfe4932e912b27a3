// SPDX-License-Identifier: MIT
// REGISTER and REGISTER AND IGNORE EXISTING KEY with a key: every path of ours carries it, or none of what
// this request did is left.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {

CommandResult Engine::register_key(Request& request, bool ignore_existing) {
    const ReservationKey key = request.parameters.service_action_key;
    if (key.is_zero()) return unregister(request, ignore_existing);
    const MapRecord old = record_;
    const ReservationKey before = ignore_existing ? record_.key : request.parameters.reservation_key;
    record_.aptpl = request.parameters.aptpl;
    record_.all_tg_pt = request.parameters.all_tg_pt;
    if (key != old.key) {
        record_.trying = key;
        save();
    }
    // multipathd is told first: a path that it takes back in this moment is to get the new key.
    world_.manager.set_key({key, record_.aptpl});

    const auto give_up = [&](const CommandResult& result) {
        const bool unknown = !request.exchange.lost().empty();  // a path may have it: found out next time
        record_ = old;
        record_.trying = unknown ? key : ReservationKey{};
        save();
        tell_manager(old);
        return result;
    };
    // One path decides whether the command is right; the other paths only follow. SPEC_I_PT goes down that
    // one alone: the initiator ports that it names are registered once.
    std::vector<Answer> tried;
    for (const std::size_t path : request.exchange.good_paths()) {
        tried.push_back(request.exchange.send(path, request.command()));
        const Answer& answer = tried.back();
        if (answer.good()) break;
        if (answer.outcome == Outcome::Conflict || answer.outcome == Outcome::Busy ||
            answer.outcome == Outcome::Lost)
            continue;
        // Linux's target registers and says that it failed where it cannot write its APTPL file.
        if (answer.outcome == Outcome::NotRegistered) undo_registering(request, {path}, before);
        return give_up(answer.result);
    }
    if (tried.empty() || !tried.back().good()) {
        const CommandResult result = give_up(verdict_of(tried));
        if (result.status == ScsiStatus::ReservationConflict) adopt(request.exchange, key);
        return result;
    }

    const std::size_t first = tried.back().path;
    std::vector<std::size_t> registered{first};
    const OutCommand command =
        ignore_existing ? registering_ignoring(key) : registering(request.parameters.reservation_key, key);
    if (const auto failed = bring_siblings(request, tried, command, registered)) {
        undo_registering(request, registered, before);
        return give_up(*failed);
    }

    request.exchange.prefer(first);
    record_.key = key;
    record_.trying = {};
    miss_all_but(registered);
    learn_ownership(request.exchange, registered.size());
    if (!before.is_zero() && before != key) take_over_after_key_change(request, first, before);
    save();
    std::vector<std::string> names;
    for (const std::size_t path : registered) names.push_back(world_.paths.name(path));
    world_.manager.set_registered(names);
    return tried.back().result;
}

/// What the guest is told where no path took the command.
CommandResult Engine::verdict_of(const std::vector<Answer>& tried) {
    for (const Outcome outcome : {Outcome::Conflict, Outcome::Busy})
        for (const Answer& answer : tried)
            if (answer.outcome == outcome) return answer.result;
    return no_path();
}

/// A REGISTER that conflicts everywhere may be one that was executed before, and whose answer was lost: the
/// path has the new key then, and none has the old one.
void Engine::adopt(Exchange& exchange, ReservationKey key) {
    if (key == record_.key || !registered_path(exchange, key)) return;
    if (!record_.key.is_zero() && registered_path(exchange, record_.key)) return;
    record_.key = key;
    world_.manager.set_key({key, record_.aptpl});
    miss_all();
    save();
    reconcile(exchange);
}

/// The command down every path that was not asked yet; what a conflicting one carries (a key from before it
/// was away, or this one already, because target ports share registrations) is replaced. An answer that
/// means failure is returned; a path that is lost is no failure: it is brought into line when it is back.
std::optional<CommandResult> Engine::bring_siblings(Request& request, const std::vector<Answer>& tried,
                                                    const OutCommand& command,
                                                    std::vector<std::size_t>& reached) {
    std::vector<std::size_t> rest = request.exchange.good_paths();
    std::erase_if(rest, [&](std::size_t path) {
        return std::ranges::any_of(tried, [&](const Answer& answer) { return answer.path == path; });
    });
    std::vector<Answer> answers = request.exchange.send_to_all(rest, command.command());
    answers.insert(answers.end(), tried.begin(), tried.end() - 1);
    const OutCommand replacing = registering_ignoring(request.parameters.service_action_key);
    std::optional<CommandResult> failed;
    for (Answer answer : answers) {
        const std::size_t path = answer.path;
        if (answer.outcome == Outcome::Conflict || answer.outcome == Outcome::Busy ||
            (answer.outcome == Outcome::Lost && request.exchange.revive(path)))
            answer = request.exchange.send(path, replacing.command());
        if (answer.good())
            reached.push_back(path);
        else if (answer.outcome != Outcome::Lost && !failed)
            failed = answer.result;
    }
    return failed;
}

/// Plain REGISTER: a path that another host has fenced meanwhile conflicts, and stays fenced.
void Engine::undo_registering(Request& request, const std::vector<std::size_t>& registered,
                              ReservationKey before) {
    const OutCommand back = registering(request.parameters.service_action_key, before);
    request.exchange.send_to_all(registered, back.command());
}

/// The holder's key follows when the holder registers another one. If the reservation still has the old key,
/// the holder is a path that could not be told, or another host. Only a path of ours is taken over from.
void Engine::take_over_after_key_change(Request& request, std::size_t path, ReservationKey before) {
    if (!request.held || request.held->key != before) return;
    const auto now = request.exchange.read_reservation();
    if (!now || !*now || (*now)->key != before || !holder_is_ours(request.exchange, **now).value_or(false) ||
        !all_are_ours(request.exchange, before))
        return;
    const OutCommand take = preempting(record_.key, before, (*now)->type);
    if (request.exchange.send(path, take.command()).good()) request.exchange.drain(path);
}

void Engine::tell_manager(const MapRecord& of) {
    if (of.key.is_zero())
        world_.manager.unset_key();
    else
        world_.manager.set_key({of.key, of.aptpl});
}

void Engine::miss_all_but(const std::vector<std::size_t>& reached) {
    record_.missed.clear();
    for (std::size_t i = 0; i < world_.paths.count(); ++i)
        if (std::ranges::count(reached, i) == 0) record_.missed.push_back(world_.paths.name(i));
}

}  // namespace prh
