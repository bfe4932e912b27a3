// SPDX-License-Identifier: MIT
// REGISTER and REGISTER AND IGNORE EXISTING KEY with a key: every path of ours carries it, or none of what
// this request did is left.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "multipath/engine_request.h"

namespace prh {

CommandResult Engine::register_key(Request& request, bool ignore_existing) {
    const ReservationKey key = request.parameters.service_action_key;
    if (key.is_zero()) return unregister(request, ignore_existing);
    if (!reaches_every_path("REGISTER")) return no_path();
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
    // The path that holds goes last: a PREEMPT of the old key takes what it holds, or comes too late.
    const bool we_hold = has_one_holder(request.held) && request.held->key == before && before != key;
    const auto holder = we_hold ? path_of_holder(request.exchange) : std::nullopt;
    std::vector<std::size_t> paths = request.exchange.good_paths();
    if (holder && std::erase(paths, *holder) != 0) paths.push_back(*holder);
    std::vector<Answer> tried;
    for (const std::size_t path : paths) {
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
        // A path that is lost may be registered since: after a PREEMPT nobody is to be brought back through
        // it.
        if (request.exchange.preemption() && !request.exchange.lost().empty())
            return fenced(request.exchange, request.exchange.good_paths(), key);
        const CommandResult result = give_up(verdict_of(tried));
        if (result.status == ScsiStatus::ReservationConflict) adopt(request.exchange, key);
        return result;
    }

    const std::size_t first = tried.back().path;
    std::vector<std::size_t> registered{first};
    const OutCommand command =
        ignore_existing ? registering_ignoring(key) : registering(request.parameters.reservation_key, key);
    auto failed = bring_siblings(request, tried, command, registered, holder);
    if (!failed && holder && holder != first)
        failed = follow(request, request.exchange.send(*holder, command.command()), registered);
    if (failed) {
        if (request.fenced) return fenced(request.exchange, registered, key);
        undo_registering(request, registered, before);
        return give_up(*failed);
    }

    request.exchange.prefer(first);
    record_.key = key;
    record_.trying = {};
    miss_all_but(registered);
    forget_stale(key);
    if (!before.is_zero() && before != key) {
        save();  // a path that is away still has the key of before
        remove_stale(request.exchange, key, before);
    }
    const auto nexuses = learn_ownership(request.exchange, registered.size());
    const bool is_suspicious = nexuses.value_or(0) < registered.size() || request.exchange.preemption();
    if (is_suspicious && !stayed_registered(request.exchange, registered, key))
        return fenced(request.exchange, registered, key);
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
                                                    std::vector<std::size_t>& reached,
                                                    std::optional<std::size_t> except) {
    std::vector<std::size_t> rest = request.exchange.good_paths();
    if (except) std::erase(rest, *except);
    std::erase_if(rest, [&](std::size_t path) {
        return std::ranges::any_of(tried, [&](const Answer& answer) { return answer.path == path; });
    });
    std::vector<Answer> answers = request.exchange.send_to_all(rest, command.command());
    answers.insert(answers.end(), tried.begin(), tried.end() - 1);
    std::optional<CommandResult> failed;
    for (const Answer& answer : answers)
        if (const auto failure = follow(request, answer, reached); failure && !failed) failed = failure;
    return failed;
}

/// What a path answered that was to follow the first one.
std::optional<CommandResult> Engine::follow(Request& request, Answer answer,
                                            std::vector<std::size_t>& reached) {
    const std::size_t path = answer.path;
    const ReservationKey key = request.parameters.service_action_key;
    const bool plain = request.action() == PrOutAction::Register;
    if (answer.outcome == Outcome::Conflict && plain && !key.is_zero() &&
        request.exchange.was_preempted(path)) {
        // Unless it has the new key already (ALL_TG_PT), another host preempted it between two of our paths:
        // that is no stale key to be replaced.
        if (request.exchange.send(path, registering(key, key).command()).good()) {
            reached.push_back(path);
            return std::nullopt;
        }
        request.fenced = true;
        return answer.result;
    }
    if (answer.outcome == Outcome::Conflict || answer.outcome == Outcome::Busy ||
        (answer.outcome == Outcome::Lost && request.exchange.revive(path)))
        answer = request.exchange.send(path, registering_ignoring(key).command());
    if (answer.good()) reached.push_back(path);
    if (answer.good() || answer.outcome == Outcome::Lost) return std::nullopt;
    return answer.result;
}

/// Plain REGISTER: a path that another host has fenced meanwhile conflicts, and stays fenced.
void Engine::undo_registering(Request& request, const std::vector<std::size_t>& registered,
                              ReservationKey before) {
    const OutCommand back = registering(request.parameters.service_action_key, before);
    request.exchange.send_to_all(registered, back.command());
}

/// A path that the map uses and this program cannot reach would be left without the registration, or with an
/// old one, and nobody would bring it into line: what promises otherwise is refused before anything is done.
bool Engine::reaches_every_path(const char* what) {
    std::string paths;
    for (const std::string& path : world_.paths.out_of_reach()) paths += (paths.empty() ? "" : "; ") + path;
    if (paths.empty()) {
        refused_for_.clear();
        return true;
    }
    if (std::exchange(refused_for_, paths) != paths)
        world_.report(
            fmt::format("{} is refused: the map uses paths that this program cannot reach, and they would "
                        "be left out: {}. Make them reachable, or remove them from the map",
                        what, paths));
    return false;
}

/// Our paths are registered one after the other. If another host preempts the key in between, those that come
/// later would undo what that host was told is done: nothing of this request stays.
bool Engine::stayed_registered(Exchange& exchange, const std::vector<std::size_t>& registered,
                               ReservationKey key) {
    const std::vector<Answer> answers = exchange.send_to_all(registered, registering(key, key).command());
    if (std::ranges::any_of(answers, &Answer::unknown_here)) return false;
    if (std::ranges::none_of(answers, [](const Answer& answer) { return answer.outcome == Outcome::Lost; }))
        return true;
    const auto keys = exchange.read_keys();
    return !keys || std::ranges::count(*keys, key) >= static_cast<std::ptrdiff_t>(registered.size());
}

/// What a guest with one path is told then: the unit attention, instead of executing the command.
CommandResult Engine::fenced(Exchange& exchange, const std::vector<std::size_t>& registered,
                             ReservationKey key) {
    exchange.send_to_all(registered, registering(key, {}).command());
    if (!record_.key.is_zero() && record_.key != key)
        exchange.send_to_all(registered, registering(record_.key, {}).command());
    forget_registration();
    record_.trying = {};
    miss_all_but(exchange.good_paths());
    save();
    world_.manager.unset_registered();
    world_.manager.unset_key();
    return exchange.preemption().value_or(CommandResult::of(ScsiStatus::ReservationConflict));
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
