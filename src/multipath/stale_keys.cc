// SPDX-License-Identifier: MIT
// Nothing that is ours stays on the array where we cannot see it. A path that is away keeps its registration,
// and no command of ours reaches its nexus; but a PREEMPT of its key through another path removes it. Because
// that removes every nexus with the key, it takes a proof that all of them are ours (ownership.cc). Without
// the proof the key is recorded and reported, and removed as soon as a path that has it is back.
#include <fmt/format.h>

#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {
namespace {

constexpr std::uint8_t kAnyType =
    5;  // PREEMPT ignores it where nothing is held, but Linux's target looks at it

}  // namespace

/// Through a path that is registered with `own`. False: a nexus of ours may still have `old`.
bool Engine::remove_stale(Exchange& exchange, ReservationKey own, ReservationKey old) {
    const auto owners = owners_of(exchange, old);
    if (owners == KeyOwners::Us) {
        // If a path that is away holds the reservation, this one holds it then. Otherwise, and for all
        // registrants, only registrations go, and nobody is told but who had them (SPC-4 5.13.11.2.5).
        const auto held = exchange.read_reservation();
        const OutCommand remove = preempting(own, old, held && *held ? (*held)->type : kAnyType);
        for (const std::size_t path : exchange.good_paths())
            if (exchange.send(path, remove.command()).good()) {
                exchange.drain(path);
                forget_stale(old);
                return true;
            }
    }
    if (owners == KeyOwners::Nobody || owners_of(exchange, old) == KeyOwners::Nobody) {
        forget_stale(old);
        return true;
    }
    remember_stale(old);
    return false;
}

/// The last path of ours leaves, and takes along those that are away: it has a key of its own while it
/// preempts the others. A path that was fenced meanwhile does not get one, and stays fenced.
Answer Engine::unregister_last(Exchange& exchange, std::size_t path, ReservationKey key) {
    const KeySwap::Swapped leaving{world_.paths.name(path), temporary_key()};
    record_.swap = KeySwap{key, {leaving}};
    save();
    Answer answer = rekey(exchange, {{path, key, leaving.key}}).front();
    if (answer.good()) {
        exchange.prefer(path);
        remove_stale(exchange, leaving.key, key);
        answer = rekey(exchange, {{path, leaving.key, {}}}).front();
    }
    // If it is lost, the next request goes on from the record.
    if (answer.outcome != Outcome::Lost) record_.swap.reset();
    return answer;
}

void Engine::remember_stale(ReservationKey key) {
    if (std::ranges::count(record_.stale, key) != 0) return;
    record_.stale.push_back(key);
    world_.report(fmt::format(
        "a path that is away may still be registered with key 0x{:x}, and another host may have the "
        "same key: it is removed when the path is back. Until then writes through that path can "
        "pass another host's reservation",
        key.value));
}

void Engine::forget_stale(ReservationKey key) { std::erase(record_.stale, key); }

/// REGISTER with the key that is to go: a path that has another one conflicts, and nothing happens. What the
/// path holds with it stays held. False: it had none of them.
bool Engine::replace_stale(Exchange& exchange, std::size_t path) {
    return std::ranges::any_of(record_.stale, [&](ReservationKey key) {
        return exchange.send(path, registering(key, record_.key).command()).good();
    });
}

/// Those that nobody has any more are done with; what can be proved to be ours by now is removed.
void Engine::retry_stale(Exchange& exchange) {
    if (record_.stale.empty()) return;
    const std::vector<ReservationKey> before = record_.stale;
    for (const ReservationKey key : before) {
        if (!record_.key.is_zero())
            remove_stale(exchange, record_.key, key);
        else if (owners_of(exchange, key) == KeyOwners::Nobody)
            forget_stale(key);
    }
    if (record_.stale != before) save();
}

}  // namespace prh
