// SPDX-License-Identifier: MIT
// A host that preempts its own key (to change the type, to take over from a path that is dead, or, after a
// migration, from the host where the guest was) would unregister its other paths, and writes through them
// would fail. So they carry other keys while one path, the issuer, preempts: the swap. Each of them has a key
// of its own, so that the reservation tells which one holds. The record of the map has the swap before it
// begins, so that it can be undone by whoever comes after us.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {
namespace {

constexpr std::size_t kFlagsByte = 20;  // of the parameter list, SPC-4 6.16.3
constexpr std::uint8_t kAllTargetPorts = 0x04;

}  // namespace

/// "PRH": what a person sees in READ KEYS if the worst happens. The rest is random.
ReservationKey Engine::temporary_key() {
    return {std::uint64_t{0x505248} << 40 | (world_.random() & 0xFF'FFFF'FFFF)};
}

/// Sends `preempt` down a path that is registered with `key`, and sees to it that all the others still are
/// afterwards, if that one is. exchange.preferred() is the path that it went down.
Answer Engine::swap_and_preempt(Exchange& exchange, ReservationKey key, const PathCommand& preempt) {
    // A path that failed once and is alive would lose its registration to our own PREEMPT.
    for (const std::size_t path : std::vector<std::size_t>(exchange.lost())) exchange.revive(path);
    auto issuer = registered_path(exchange, key);
    if (!issuer) {
        const auto paths = exchange.good_paths();
        if (paths.empty()) return {0, Outcome::Lost, no_path()};
        return exchange.send(paths.front(), preempt);  // to be told what is wrong
    }

    std::vector<std::size_t> outsiders;
    Answer answer = swap_siblings(exchange, key, *issuer, outsiders);
    if (answer.good()) {
        issuer = find_issuer(exchange, *issuer);
        answer = issuer ? preempt_from(exchange, *issuer, preempt)
                        : Answer{0, Outcome::Busy, CommandResult::of(ScsiStatus::Busy)};
    }
    const auto keys = exchange.read_keys();
    if (!keys) return {0, Outcome::Lost, no_path()};  // the next request goes on from the record
    const bool survived = std::ranges::count(*keys, key) != 0;
    if (survived && std::ranges::count(exchange.lost(), exchange.preferred()) == 0)
        restore_unless_fenced(exchange, exchange.preferred());
    else
        restore(exchange, !survived);
    if (answer.good()) conclude_swap(exchange, key, survived, outsiders);
    save();
    exchange.drain(exchange.preferred());
    return answer;
}

/// Plain REGISTER of another key, each down its own path. Of this nexus alone: ALL_TG_PT would take the other
/// target ports along. Linux's target insists on it for what was registered with it, and means the nexus.
std::vector<Answer> Engine::rekey(Exchange& exchange, const std::vector<Rekeying>& changes) {
    std::vector<OutCommand> alone, with_bit;
    std::vector<Sending> sendings;
    for (const Rekeying& change : changes) {
        with_bit.push_back(registering(change.from, change.to));
        alone.push_back(with_bit.back());
        alone.back().list[kFlagsByte] &= static_cast<std::uint8_t>(~kAllTargetPorts);
    }
    for (std::size_t i = 0; i < changes.size(); ++i)
        sendings.push_back({changes[i].path, alone[i].command()});
    std::vector<Answer> answers = exchange.send_each(sendings);
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (answers[i].outcome == Outcome::Refused && record_.all_tg_pt)
            answers[i] = exchange.send(changes[i].path, with_bit[i].command());
    return answers;
}

/// REGISTER of a key that is the path's own already is GOOD and changes nothing.
std::optional<std::size_t> Engine::registered_path(Exchange& exchange, ReservationKey key) {
    if (key.is_zero()) return std::nullopt;
    keep_persistence(exchange);
    const OutCommand same = registering(key, key);
    for (const std::size_t path : exchange.good_paths())
        if (exchange.send(path, same.command()).good()) return path;
    return std::nullopt;
}

/// Gives every path but the issuer a key of its own. Plain REGISTER: a path that another host fences
/// meanwhile conflicts, and stays fenced. `outsiders`: those that were not registered with the key before.
Answer Engine::swap_siblings(Exchange& exchange, ReservationKey key, std::size_t issuer,
                             std::vector<std::size_t>& outsiders) {
    record_.key = key;
    record_.swap = KeySwap{key, {}};
    auto& swapped = record_.swap->swapped;
    std::vector<std::size_t> siblings = exchange.good_paths();
    for (std::size_t i = 0; i < world_.paths.count(); ++i)  // they lose what they have to the PREEMPT
        if (std::ranges::count(siblings, i) == 0) record_.missed.push_back(world_.paths.name(i));
    std::erase(siblings, issuer);
    std::vector<Rekeying> changes;
    for (const std::size_t path : siblings) {
        swapped.push_back({world_.paths.name(path), temporary_key()});
        changes.push_back({path, key, swapped.back().key});
    }
    const KeySwap::Swapped spare{world_.paths.name(issuer), temporary_key()};
    spare_key_ = spare.key;
    swapped.push_back(spare);
    save();
    swapped.pop_back();  // kept in the record only: the issuer carries it if it gives its part to another

    Answer verdict{issuer, Outcome::Good, {}};
    for (const Answer& answer : rekey(exchange, changes)) {
        if (answer.good()) continue;
        if (answer.outcome == Outcome::Lost) {
            record_.missed.push_back(world_.paths.name(answer.path));
            continue;
        }
        std::erase_if(
            swapped, [&](const KeySwap::Swapped& one) { return one.path == world_.paths.name(answer.path); });
        if (answer.unknown_here())
            outsiders.push_back(answer.path);
        else
            verdict = answer;  // it still has the key, and would lose it
    }
    return verdict;
}

/// The path that holds must be the one that preempts, or it would preempt the issuer. A dead one is preempted
/// by the key that it carries now. Nothing if neither can be brought about.
std::optional<std::size_t> Engine::find_issuer(Exchange& exchange, std::size_t issuer) {
    const ReservationKey key = record_.swap->key;
    auto& swapped = record_.swap->swapped;
    for (int attempt = 0; attempt < 3 && !swapped.empty(); ++attempt) {
        const auto now = exchange.read_reservation();
        if (!now) return std::nullopt;
        const auto holder = std::ranges::find_if(
            swapped, [&](const KeySwap::Swapped& one) { return *now && one.key == (*now)->key; });
        if (holder == swapped.end()) return issuer;
        const auto path = path_named(holder->path);
        if (!path || std::ranges::count(exchange.good_paths(), *path) == 0) {
            exchange.send(issuer, preempting(key, holder->key, (*now)->type).command());
            continue;
        }
        if (!rekey(exchange, {{*path, holder->key, key}}).front().good()) continue;
        swapped.erase(holder);
        swapped.push_back({world_.paths.name(issuer), spare_key_});
        const Answer given = rekey(exchange, {{issuer, key, spare_key_}}).front();
        return given.good() || given.outcome == Outcome::Lost ? path : std::nullopt;
    }
    return swapped.empty() ? std::optional(issuer) : std::nullopt;
}

/// If the issuer is lost, another path takes its part: whether the command was executed or not, the same from
/// another path ends in the same state. Each path is asked once: one that does not take the key back was
/// fenced meanwhile, or is of no use, and says the same the next time.
Answer Engine::preempt_from(Exchange& exchange, std::size_t issuer, const PathCommand& preempt) {
    const ReservationKey key = record_.swap->key;
    Answer answer = exchange.send(issuer, preempt);
    const std::vector<KeySwap::Swapped> candidates = record_.swap->swapped;
    for (const KeySwap::Swapped& next : candidates) {
        if (answer.outcome != Outcome::Lost) break;
        const auto good = exchange.good_paths();
        const auto path = path_named(next.path);
        if (!path || std::ranges::count(good, *path) == 0) continue;
        if (!rekey(exchange, {{*path, next.key, key}}).front().good()) continue;
        record_.missed.push_back(world_.paths.name(issuer));
        issuer = *path;
        std::erase(record_.swap->swapped, next);
        answer = exchange.send(issuer, preempt);
    }
    if (answer.outcome == Outcome::Lost) {
        record_.missed.push_back(world_.paths.name(issuer));
        return {issuer, Outcome::Lost, no_path()};
    }
    exchange.prefer(issuer);
    return answer;
}

void Engine::conclude_swap(Exchange& exchange, ReservationKey key, bool survived,
                           const std::vector<std::size_t>& outsiders) {
    if (!survived) {
        forget_registration();
        world_.manager.unset_registered();
        world_.manager.unset_key();
        return;
    }
    // Paths that were not registered before are now; those that are away have lost their registration.
    std::vector<std::size_t> reached = exchange.good_paths();
    const OutCommand again = registering({}, key);
    for (const Answer& answer : exchange.send_to_all(outsiders, again.command()))
        if (!answer.good()) std::erase(reached, answer.path);
    for (const std::string& missed : record_.missed)
        if (const auto path = path_named(missed)) std::erase(reached, *path);
    miss_all_but(reached);
    learn_ownership(exchange, reached.size());
}

/// Every path gets back what it carried, or nothing if the issuer's registration is gone: then another host
/// has fenced this one, or the command removed it.
void Engine::restore(Exchange& exchange, bool unregister) {
    const KeySwap swap = *record_.swap;
    const ReservationKey to = unregister ? ReservationKey{} : swap.key;
    const auto good = exchange.good_paths();
    std::vector<Rekeying> changes;
    std::vector<KeySwap::Swapped> left;
    for (const KeySwap::Swapped& one : swap.swapped) {
        const auto path = path_named(one.path);
        if (path && std::ranges::count(good, *path) != 0)
            changes.push_back({*path, one.key, to});
        else
            left.push_back(one);
    }
    for (const Answer& answer : rekey(exchange, changes))
        if (!answer.good())
            left.push_back(
                *std::ranges::find(swap.swapped, world_.paths.name(answer.path), &KeySwap::Swapped::path));
    const auto keys = left.empty() ? std::vector<ReservationKey>{} : exchange.read_keys();
    if (!keys) {
        record_.swap->swapped = left;  // no path answers: the next request goes on from here
        return;
    }
    record_.swap.reset();
    for (const KeySwap::Swapped& one : left)
        if (std::ranges::count(*keys, one.key) != 0) restore_leftover(exchange, one, to);
}

/// Another host may preempt the key right before the others get it back. The witness had it until then, and
/// did not get it from us: if it has lost it, so do they.
void Engine::restore_unless_fenced(Exchange& exchange, std::size_t witness) {
    const ReservationKey key = record_.swap->key;
    restore(exchange, false);
    if (!stayed_registered(exchange, {witness}, key)) fenced(exchange, exchange.good_paths(), key);
}

void Engine::restore_leftover(Exchange& exchange, const KeySwap::Swapped& left, ReservationKey to) {
    for (const std::size_t path : exchange.good_paths())  // its number may have changed since
        if (rekey(exchange, {{path, left.key, to}}).front().good()) return;
    record_.missed.push_back(left.path);
    if (to.is_zero()) return remember_stale(left.key);
    // Its path is away, and nobody would ever know the key again.
    const auto now = exchange.read_reservation();
    const std::uint8_t type = now && *now ? (*now)->type : std::uint8_t{5};
    const OutCommand remove = preempting(to, left.key, type);
    for (const std::size_t path : exchange.good_paths())
        if (exchange.send(path, remove.command()).good()) return;
}

/// A dead path of ours holds: a live one holds in its place.
bool Engine::take_over(Exchange& exchange, const HeldReservation& held) {
    const OutCommand take = preempting(held.key, held.key, held.type);
    return swap_and_preempt(exchange, held.key, take.command()).good();
}

/// Every REGISTER switches the logical unit's APTPL on or off, for all hosts: one of our own leaves it as it
/// is.
void Engine::keep_persistence(Exchange& exchange) {
    record_.aptpl = exchange.read_persistence().value_or(record_.aptpl);
}

std::optional<std::size_t> Engine::path_named(const std::string& name) const {
    for (std::size_t i = 0; i < world_.paths.count(); ++i)
        if (world_.paths.name(i) == name) return i;
    return std::nullopt;
}

}  // namespace prh
