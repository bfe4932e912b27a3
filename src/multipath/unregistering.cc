// SPDX-License-Identifier: MIT
// REGISTER and REGISTER AND IGNORE EXISTING KEY with key zero: no path of ours is registered, and what we
// held is released. The path that holds goes first, so that there is no moment in which a path without a
// registration meets a reservation of our own; if it is dead, a live one takes over first.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {

CommandResult Engine::unregister(Request& request, bool ignore_existing) {
    const MapRecord old = record_;
    record_.aptpl = request.parameters.aptpl;
    record_.all_tg_pt = request.parameters.all_tg_pt;
    world_.manager.unset_key();
    const auto give_up = [&](const CommandResult& result) {
        const std::optional<KeySwap> swap = record_.swap;  // of a path that was lost while it left
        const bool may_have_left = record_.leaving && !request.exchange.lost().empty();
        record_ = old;
        record_.swap = swap;
        record_.leaving = may_have_left;
        save();
        if (!old.key.is_zero()) tell_manager(old);
        return result;
    };

    bool unknown = false;
    const auto holder = path_that_holds(request, ignore_existing, unknown);
    if (unknown) return give_up(no_path());
    if (holder) request.exchange.prefer(*holder);
    const ReservationKey before = ignore_existing ? old.key : request.parameters.reservation_key;
    const bool released = release_if_alone(request, before);
    if (!record_.key.is_zero()) {
        if (before == record_.key)
            record_.leaving = true;  // if this ends when one path has left, all are to leave
        else
            miss_all();
        save();
    }
    // One path stays until the others have left: through it those go that are away.
    const std::vector<std::size_t> paths = paths_to_leave(request.exchange, before);
    const std::size_t last = paths.empty() ? kNobody : paths.back();
    std::vector<Answer> tried;
    for (const std::size_t path : paths) {
        tried.push_back(path == last ? leave_last(request, path, before, ignore_existing)
                                     : request.exchange.send(path, request.command()));
        const Answer& answer = tried.back();
        if (answer.good()) break;
        if (answer.outcome == Outcome::Lost && path == holder && path != last) {
            const auto now = request.exchange.read_reservation();
            if (!now) return give_up(no_path());
            request.held = *now;
            record_.key = old.key;
            return unregister(request, ignore_existing);  // with one path less
        }
        if (answer.outcome == Outcome::Conflict || answer.outcome == Outcome::Busy ||
            answer.outcome == Outcome::Lost)
            continue;
        return give_up(answer.result);
    }
    if (tried.empty() || !tried.back().good()) return give_up(verdict_of(tried));

    const std::size_t first = tried.back().path;
    std::vector<std::size_t> unregistered{first};
    const OutCommand command = ignore_existing ? registering_ignoring({}) : registering(before, {});
    auto failed = bring_siblings(request, tried, command, unregistered, last);
    if (!failed && first != last) {
        Answer answer = leave_last(request, last, before, ignore_existing);
        if (answer.unknown_here()) answer = request.exchange.send(last, registering_ignoring({}).command());
        if (answer.outcome == Outcome::Lost && !before.is_zero())
            return give_up(no_path());  // and nobody can speak for it
        if (answer.good())
            unregistered.push_back(last);
        else if (answer.outcome != Outcome::Lost)
            failed = answer.result;
    }
    if (failed && !before.is_zero()) {
        const OutCommand back = registering({}, before);
        request.exchange.send_to_all(unregistered, back.command());
        if (holder || released) request.exchange.send(first, reserving(before, request.held->type).command());
        request.exchange.drain(first);
        return give_up(*failed);
    }

    request.exchange.prefer(first);
    record_.leaving = false;
    forget_registration();
    miss_all_but(unregistered);
    if (request.held) request.exchange.drain(first);
    hold(false);
    world_.manager.unset_registered();
    save();
    return tried.back().result;
}

/// The good paths, the preferred one first. The last one is alive and registered, if there is another such.
std::vector<std::size_t> Engine::paths_to_leave(Exchange& exchange, ReservationKey key) {
    const std::vector<std::size_t> paths = exchange.good_paths();
    if (key.is_zero() || paths.size() < 2) return paths;
    std::size_t last = paths.front();
    for (std::size_t i = paths.size() - 1; i > 0 && last == paths.front(); --i)
        if (exchange.send(paths[i], registering(key, key).command()).good()) last = paths[i];
    std::vector<std::size_t> ordered = exchange.good_paths();
    if (std::erase(ordered, last) != 0) ordered.push_back(last);
    return ordered;
}

/// The last path: nobody of ours is registered any more after it, wherever it is.
Answer Engine::leave_last(Request& request, std::size_t path, ReservationKey key, bool ignore_existing) {
    Exchange& exchange = request.exchange;
    if (!key.is_zero() && others_have(exchange, path, key)) {
        if (owners_of(exchange, key) == KeyOwners::Us) {
            const Answer answer = unregister_last(exchange, path, key);
            if (!answer.unknown_here() || !ignore_existing) return answer;
        } else if (!reaches_every_path("unregistering")) {
            return {path, Outcome::Refused, no_path()};
        } else if (exchange.lost().size() + exchange.good_paths().size() < world_.paths.count() ||
                   !exchange.lost().empty()) {
            remember_stale(key);
        }
    }
    return exchange.send(path, request.command());
}

/// Whether the key is registered for more nexuses than the one of this path.
bool Engine::others_have(Exchange& exchange, std::size_t path, ReservationKey key) const {
    const auto keys = exchange.read_keys();
    if (keys) return std::ranges::count(*keys, key) > 1;
    return exchange.good_paths().size() < world_.paths.count() || path == kNobody;
}

/// RESERVE with the type that is held is GOOD for the holder, and changes nothing; everybody else meets a
/// conflict (SPC-4 5.13.9). If the reservation went meanwhile, it is ours for the moment until it is
/// unregistered.
std::optional<std::size_t> Engine::path_that_holds(Request& request, bool ignore_existing, bool& unknown) {
    const auto& held = request.held;
    const auto type = held ? reservation_type(held->type) : std::nullopt;
    if (!type || is_all_registrants(*type) || held->key.is_zero()) return std::nullopt;
    if (!ignore_existing && held->key != request.parameters.reservation_key) return std::nullopt;
    const OutCommand probe = reserving(held->key, held->type);
    for (const std::size_t path : request.exchange.good_paths())
        if (request.exchange.send(path, probe.command()).good()) return path;
    const auto ours = holder_is_ours(request.exchange, *held);
    if (ours == true && all_are_ours(request.exchange, held->key) && take_over(request.exchange, *held)) {
        const std::size_t issuer = request.exchange.preferred();
        if (std::ranges::count(request.exchange.lost(), issuer) == 0 || request.exchange.revive(issuer))
            return issuer;
        return path_that_holds(request, ignore_existing, unknown);  // with one path less
    }
    unknown = ours != false;  // it would stay held, by a path that is away
    return std::nullopt;
}

/// An all-registrants reservation stays until the last registrant goes. If all of them are ours, paths that
/// go first would meet it.
bool Engine::release_if_alone(Request& request, ReservationKey key) {
    const auto& held = request.held;
    if (!held || has_one_holder(held) || key.is_zero()) return false;
    const auto status = request.exchange.read_full_status();
    if (!status || !std::ranges::all_of(*status, [&](const auto& one) { return is_ours(one); })) return false;
    const OutCommand release = releasing(key, held->type);
    for (const std::size_t path : request.exchange.good_paths())
        if (request.exchange.send(path, release.command()).good()) {
            request.exchange.drain(path);
            return true;
        }
    return false;
}

void Engine::forget_registration() {
    record_.key = {};
    record_.holding = false;
}

CommandResult Engine::clean_up() {
    const RecordTurn turn(world_.store);
    if (!turn) return CommandResult::of(ScsiStatus::Busy);
    if (!load()) return no_path();
    Exchange exchange(world_.paths, preferred_);
    recover(exchange);
    world_.manager.unset_key();
    world_.manager.unset_registered();
    const OutCommand forget = registering_ignoring({});
    const std::vector<std::size_t> paths = exchange.good_paths();
    std::vector<std::size_t> reached;
    CommandResult result = no_path();
    for (const Answer& answer : exchange.send_to_all(paths, forget.command())) {
        if (answer.good()) reached.push_back(answer.path);
        if (answer.outcome != Outcome::Lost && (reached.size() <= 1 || !answer.good()))
            result = answer.result;
    }
    exchange.drain(paths.empty() ? 0 : paths.front());
    const ReservationKey left = record_.key;
    record_ = {};
    miss_all_but(reached);
    // The destination has the same key by now: no PREEMPT can tell a path of ours from it.
    if (!left.is_zero() && !record_.missed.empty()) remember_stale(left);
    save();
    return result;
}

}  // namespace prh
