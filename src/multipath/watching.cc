// SPDX-License-Identifier: MIT
// What the watch of paths (path_watch.h) asks of an engine, on no request's way: the same that a request does
// before its own command; and to see that another host has taken the registration, where no guest asks.
#include <algorithm>

#include "multipath/engine_request.h"

namespace prh {

Engine::Tended Engine::tend(const PathNews& news) {
    const RecordTurn turn(world_.store, RecordTurn::kTry);
    if (!turn) return Tended::Later;
    // Where there is none, multipathd is not asked: nothing here is ours.
    const auto found = world_.store.load();
    if (!found) return Tended::Later;
    if (!*found) return Tended::Done;
    const bool is_new = !loaded_;
    if (!load()) return Tended::Later;
    if (news.is_first && record_.missed.empty() && !has_unseen()) return Tended::Done;
    Exchange exchange(world_.paths, preferred_);
    for (std::size_t i = 0; i < world_.paths.count(); ++i)
        if (std::ranges::count(news.silent, world_.paths.name(i)) != 0) exchange.avoid(i);
    std::vector<std::size_t> sound = exchange.good_paths();
    std::erase_if(sound, [&](std::size_t path) {
        const std::string name = world_.paths.name(path);
        return std::ranges::count(record_.missed, name) != 0 || std::ranges::count(news.unsure, name) != 0;
    });
    recover(exchange);
    heed_loss(exchange, sound);
    reconcile(exchange);
    retry_stale(exchange);
    if (is_new) repeat_to_manager(exchange);
    preferred_ = exchange.preferred();
    // What a path that was away tells is of long ago: the guest was told down another.
    if (std::ranges::any_of(sound, [&](std::size_t path) { return exchange.was_preempted(path); }))
        owed_ = exchange.preemption();
    const bool is_begun = record_.swap || record_.leaving || !record_.trying.is_zero();
    const bool is_missed = std::ranges::any_of(exchange.good_paths(), [&](std::size_t path) {
        return std::ranges::count(record_.missed, world_.paths.name(path)) != 0;
    });
    return is_begun || is_missed ? Tended::Unfinished : Tended::Done;
}

/// What a process before this one could not tell any more.
void Engine::repeat_to_manager(Exchange& exchange) {
    if (record_.key.is_zero() || still_registered(exchange) != true) return;
    tell_manager(record_);
    std::vector<std::string> registered;
    for (const std::size_t path : exchange.good_paths())
        if (std::ranges::count(record_.missed, world_.paths.name(path)) == 0)
            registered.push_back(world_.paths.name(path));
    world_.manager.set_registered(registered);
    if (record_.holding) world_.manager.set_holding(true);
}

/// A path that has come since this engine's last request. One without any request has seen nothing, and is
/// not the one to ask.
bool Engine::has_unseen() const {
    if (seen_.empty()) return false;
    for (std::size_t i = 0; i < world_.paths.count(); ++i)
        if (std::ranges::count(seen_, world_.paths.name(i)) == 0) return true;
    return false;
}

/// Another host may have taken the registration while no guest asked: it preempted us or, after a live
/// migration, the guest lives there and has the same key. Then no path of ours keeps one, and multipathd
/// forgets the key. Witnesses are the paths that were here all the time: what the others have they may have
/// from multipathd, which gives a path that returns the key that it was told once.
void Engine::heed_loss(Exchange& exchange, std::vector<std::size_t> witnesses) {
    if (record_.key.is_zero()) return;
    std::erase_if(witnesses, [&](std::size_t path) {
        return std::ranges::count(seen_, world_.paths.name(path)) == 0 ||
               std::ranges::count(exchange.lost(), path) != 0;
    });
    // REGISTER of the key that a path has is GOOD and changes nothing; one that has none conflicts.
    const std::vector<Answer> answers =
        exchange.send_to_all(witnesses, registering(record_.key, record_.key).command());
    const auto silent = std::ranges::count_if(
        answers, [](const Answer& answer) { return !answer.good() && !answer.unknown_here(); });
    const auto gone = std::ranges::count_if(answers, &Answer::unknown_here);
    if (gone == 0 || std::ranges::any_of(answers, &Answer::good)) return;
    if (silent != 0 && still_registered(exchange) != false) return;
    fenced(exchange, exchange.good_paths(), record_.key);
}

}  // namespace prh
