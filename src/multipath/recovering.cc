// SPDX-License-Identifier: MIT
// What a request finds undone: the record of the map, what an earlier request did not end, paths that were
// away or are new.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {

/// False: the record may exist and cannot be read now. Without it nobody knows what was begun, and saving
/// another one would lose that for ever.
bool Engine::load() {
    const auto found = world_.store.load();
    if (!found) return false;
    const MapRecord now = found->value_or(MapRecord{});
    // As this engine left it: record_ is that, or ahead of it if the last one could not be saved.
    if (loaded_ && now == kept_) return true;
    kept_ = now;
    record_ = now;
    if (loaded_)
        world_.manager.correct(record_.key.is_zero()
                                   ? std::nullopt
                                   : std::optional(PathManager::Key{record_.key, record_.aptpl}),
                               record_.holding);
    if (loaded_ || *found) {
        loaded_ = true;
        return true;
    }
    if (const auto key = world_.manager.key()) {
        record_.key = key->value;
        record_.aptpl = key->aptpl;
    }
    // seen_ stays empty: a path may have come while no process ran, even under the number of one that went.
    loaded_ = true;
    return true;
}

void Engine::recover(Exchange& exchange) {
    if (record_.swap || record_.leaving || !record_.trying.is_zero()) recover_interrupted(exchange);
}

/// What a request began and did not end: its process died, or no path answered any more. If no path answers
/// now either, the next request tries again.
void Engine::recover_interrupted(Exchange& exchange) {
    const auto keys = exchange.read_keys();
    if (!keys) return;
    if (record_.swap) {
        const bool fenced_before = std::ranges::count(*keys, record_.swap->key) == 0;
        const auto witness = fenced_before ? std::nullopt : registered_path(exchange, record_.swap->key);
        if (witness)
            restore_unless_fenced(exchange, *witness);
        else
            restore(exchange, fenced_before);
    }
    if (!record_.trying.is_zero()) {
        // If one path of ours got the new key, all are to have it.
        const ReservationKey tried = record_.trying;
        for (const Answer& answer :
             exchange.send_to_all(exchange.good_paths(), registering(tried, tried).command()))
            if (answer.unknown_here() && exchange.was_preempted(answer.path) &&
                std::ranges::count(record_.missed, world_.paths.name(answer.path)) == 0) {
                fenced(exchange, exchange.good_paths(), tried);
                return;
            }
        if (registered_path(exchange, tried)) {
            record_.key = tried;
            world_.manager.set_key({tried, record_.aptpl});
            miss_all();
        }
        record_.trying = {};
    }
    if (record_.leaving) {
        // If one path of ours has left, all are to leave.
        keep_persistence(exchange);
        for (const std::size_t path : exchange.good_paths())
            if (record_.leaving && !record_.key.is_zero() &&
                exchange.send(path, registering(record_.key, record_.key).command()).unknown_here()) {
                if (owners_of(exchange, record_.key) != KeyOwners::Nobody)
                    record_.stale.push_back(record_.key);
                forget_registration();
                miss_all();
                record_.leaving = false;
            }
        record_.leaving = false;
    }
    save();
}

/// Brings paths into line that the last change of the key did not reach, as soon as they answer. multipathd
/// does so too. Whether anything was changed.
bool Engine::reconcile(Exchange& exchange) {
    heed_preemption(exchange);
    const std::vector<std::string> newcomers = find_newcomers();
    std::vector<std::size_t> returned;
    for (const std::size_t path : exchange.good_paths())
        if (std::ranges::count(record_.missed, world_.paths.name(path)) != 0) returned.push_back(path);
    // What they lack is to be known also if they cannot be brought into line now.
    if (!newcomers.empty()) save();
    if (returned.empty()) return false;
    keep_persistence(exchange);
    std::vector<std::size_t> unregistered = unregistered_of(exchange, returned);
    if (!record_.key.is_zero() && !unregistered.empty()) {
        // A host that was fenced while its path was away must stay fenced.
        const auto still = still_registered(exchange);
        if (!still) return false;
        if (!*still) {
            forget_registration();
            world_.manager.unset_registered();
            world_.manager.unset_key();
            // Of a path that is only new nobody said that it lacks something: what it has is not ours to
            // remove.
            const auto is_new = [&](const std::string& name) {
                return std::ranges::count(newcomers, name) != 0;
            };
            std::erase_if(record_.missed, is_new);
            std::erase_if(unregistered, [&](std::size_t path) { return is_new(world_.paths.name(path)); });
        }
    }
    std::vector<std::size_t> registered;
    for (const std::size_t path : unregistered) {
        Answer answer{path, Outcome::Conflict, {}};
        if (replace_stale(exchange, path)) answer.outcome = Outcome::Good;
        if (answer.unknown_here() && !record_.key.is_zero())
            answer = exchange.send(path, registering({}, record_.key).command());
        if (answer.unknown_here()) answer = exchange.send(path, registering_ignoring(record_.key).command());
        if (answer.good()) std::erase(record_.missed, world_.paths.name(path));
        if (answer.good() && !record_.key.is_zero()) registered.push_back(path);
        exchange.quieten(path);  // what happened while it was away the guest was told down another
    }
    if (!record_.key.is_zero()) {
        const std::size_t all = world_.paths.count() - std::min(record_.missed.size(), world_.paths.count());
        const auto nexuses = learn_ownership(exchange, all);
        // Fenced since it was looked at: the paths that were registered before are not any more.
        if (!registered.empty() && nexuses.value_or(0) < all &&
            !stayed_registered(exchange, exchange.good_paths(), record_.key))
            fenced(exchange, registered, record_.key);
    }
    save();
    return !unregistered.empty();
}

/// A path that is told that its registration was preempted, and has it no more: then so must the others be,
/// whatever they carried at that moment. One that was away is told what happened to a registration of long
/// ago.
void Engine::heed_preemption(Exchange& exchange) {
    const std::vector<std::size_t> told = exchange.preempted_paths();
    for (const std::size_t path : told) {
        if (record_.key.is_zero() || std::ranges::count(record_.missed, world_.paths.name(path)) != 0)
            continue;
        const OutCommand same = registering(record_.key, record_.key);
        if (exchange.send(path, same.command()).unknown_here())
            fenced(exchange, exchange.good_paths(), record_.key);
    }
}

/// Paths that this engine has not seen yet and that may lack the registration; they are marked as missed.
std::vector<std::string> Engine::find_newcomers() {
    std::vector<std::string> now, newcomers;
    for (std::size_t i = 0; i < world_.paths.count(); ++i) {
        now.push_back(world_.paths.name(i));
        if ((!record_.key.is_zero() || !record_.stale.empty()) &&
            std::ranges::count(seen_, now.back()) == 0 && std::ranges::count(record_.missed, now.back()) == 0)
            newcomers.push_back(now.back());
    }
    record_.missed.insert(record_.missed.end(), newcomers.begin(), newcomers.end());
    sort_out(record_.missed);
    seen_ = std::move(now);
    return newcomers;
}

/// Those that do not carry the key. REGISTER of the key that a path has is GOOD and changes nothing, so most
/// paths that a new process finds need nothing else.
std::vector<std::size_t> Engine::unregistered_of(Exchange& exchange,
                                                 const std::vector<std::size_t>& returned) {
    if (record_.key.is_zero()) return returned;
    std::vector<std::size_t> unregistered;
    for (const Answer& answer :
         exchange.send_to_all(returned, registering(record_.key, record_.key).command())) {
        if (answer.good())
            std::erase(record_.missed, world_.paths.name(answer.path));
        else
            unregistered.push_back(answer.path);
    }
    return unregistered;
}

/// A path that was lost on the way may be back already; if not, the watch of paths or multipathd sees to it.
void Engine::finish(Exchange& exchange) {
    if (record_.missed.empty()) return;
    const std::vector<std::size_t> lost = exchange.lost();
    bool back = false;
    for (const std::size_t path : lost)
        if (std::ranges::count(record_.missed, world_.paths.name(path)) != 0 && exchange.revive(path))
            back = true;
    if (back) reconcile(exchange);
}

/// A path that came while the keys were being changed may have been told the old one, or none.
void Engine::take_in_newcomers() {
    world_.paths.refresh();
    Exchange exchange(world_.paths, preferred_);
    reconcile(exchange);
    retry_stale(exchange);
}

void Engine::miss_all() { miss_all_but({}); }

void Engine::save() {
    sort_out(record_.missed);
    sort_out(record_.stale);
    if (world_.store.save(record_)) kept_ = record_;
}

}  // namespace prh
