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
        record_ = old;
        for (const std::size_t path : request.exchange.lost())
            if (!old.key.is_zero()) record_.missed.push_back(world_.paths.name(path));
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
        miss_all();  // if this ends here, those that were unregistered are registered again
        save();
    }
    std::vector<Answer> tried;
    for (const std::size_t path : request.exchange.good_paths()) {
        tried.push_back(request.exchange.send(path, request.command()));
        const Answer& answer = tried.back();
        if (answer.good()) break;
        if (answer.outcome == Outcome::Lost && path == holder) {
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
    const auto failed = bring_siblings(request, tried, command, unregistered);
    if (failed && !before.is_zero()) {
        const OutCommand back = registering({}, before);
        request.exchange.send_to_all(unregistered, back.command());
        if (holder || released) request.exchange.send(first, reserving(before, request.held->type).command());
        request.exchange.drain(first);
        return give_up(*failed);
    }

    request.exchange.prefer(first);
    forget_registration();
    miss_all_but(unregistered);
    if (request.held) request.exchange.drain(first);
    hold(false);
    world_.manager.unset_registered();
    save();
    return tried.back().result;
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
    record_ = {};
    miss_all_but(reached);
    save();
    return result;
}

}  // namespace prh
