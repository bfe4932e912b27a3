// SPDX-License-Identifier: MIT
// The frame of every request: what was left undone, what is held, the command itself, what is still to do.
#include "multipath/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "multipath/engine_request.h"
#include "scsi/names.h"

namespace prh {
namespace {

OutCommand out_command(PrOutAction action, std::uint8_t type, const PrOutParameters& parameters) {
    auto list = parameters.encode();
    const auto length = static_cast<std::uint32_t>(list.size());
    return {Cdb::persistent_reserve_out(action, type, length), std::move(list)};
}

}  // namespace

Engine::Engine(EngineWorld world, EnginePolicy policy) : world_(std::move(world)), policy_(policy) {}

CommandResult Engine::execute(const Cdb& cdb, ConstBytes parameter_list, MutableBytes data_in) {
    Exchange exchange(world_.paths, preferred_);
    recover(exchange);
    if (cdb.is_persistent_reserve_in()) {
        reconcile(exchange);
        const CommandResult result = pass_in(exchange, cdb, data_in);
        preferred_ = exchange.preferred();
        return result;
    }
    Request request{cdb, parameter_list, {}, exchange, {}};
    const CommandResult result = change(request);
    finish(exchange);
    preferred_ = exchange.preferred();
    if (result.status == ScsiStatus::Good) take_in_newcomers();
    return result;
}

/// PERSISTENT RESERVE IN tells the same down every path: the first that answers, in its own words.
CommandResult Engine::pass_in(Exchange& exchange, const Cdb& cdb, MutableBytes data_in) {
    std::optional<CommandResult> busy;
    for (const std::size_t path : exchange.good_paths()) {
        const Answer answer = exchange.send_for_guest(path, {cdb, {}, data_in});
        if (answer.outcome == Outcome::Lost) continue;
        if (answer.outcome == Outcome::Busy) {
            busy = answer.result;
            continue;
        }
        exchange.prefer(path);
        if (answer.outcome == Outcome::Attention) exchange.drain_once(path);
        return answer.result;
    }
    return busy.value_or(no_path());
}

/// Looks first: so a unit attention that waits for the guest is met before anything is changed, a path that
/// is dead is known, and what is held is known too.
CommandResult Engine::change(Request& request) {
    std::uint8_t data[24]{};
    const Cdb look = Cdb::persistent_reserve_in(PrInAction::ReadReservation, sizeof(data));
    const CommandResult looked = pass_in(request.exchange, look, data);
    if (looked.status != ScsiStatus::Good) return looked;
    if (const auto parsed = ReadReservationData::parse(ConstBytes(data).first(looked.data_length)))
        request.held = parsed->held;
    reconcile(request.exchange);
    return dispatch(request);
}

CommandResult Engine::dispatch(Request& request) {
    if (request.cdb.service_action() > static_cast<std::uint8_t>(PrOutAction::RegisterAndMove))
        return send_down_one(request).result;
    const PrOutAction action = request.action();
    if (action == PrOutAction::RegisterAndMove) return move(request);
    const auto parameters = PrOutParameters::parse(request.list, action);
    // What is wrong with a list, the logical unit says itself.
    if (!parameters) return send_down_one(request).result;
    request.parameters = *parameters;
    switch (action) {
        case PrOutAction::Register: return register_key(request, false);
        case PrOutAction::RegisterAndIgnoreExistingKey: return register_key(request, true);
        case PrOutAction::Reserve: return reserve(request);
        case PrOutAction::Release: return release(request);
        case PrOutAction::Clear: return clear(request);
        case PrOutAction::Preempt:
        case PrOutAction::PreemptAndAbort: return preempt(request);
        default: return send_down_one(request).result;
    }
}

/// A command that takes effect through any registered path: the first that takes it. If none does, what the
/// first one said, since the guest's one nexus would have said it.
Answer Engine::send_down_one(Request& request) {
    std::optional<Answer> unknown;
    std::optional<Answer> busy;
    for (const std::size_t path : request.exchange.good_paths()) {
        const Answer answer = request.exchange.send(path, request.command());
        switch (answer.outcome) {
            case Outcome::Conflict:
            case Outcome::NotRegistered:
                if (!unknown) unknown = answer;
                break;
            case Outcome::Busy:
                if (!busy) busy = answer;
                break;
            case Outcome::Lost: break;
            default: request.exchange.prefer(path); return answer;
        }
    }
    if (busy) return *busy;
    return unknown.value_or(Answer{0, Outcome::Lost, no_path()});
}

/// Types 1 and 3 allow the nexus that holds and no other: not the guest's other paths either.
bool Engine::take_exclusive_type(const Request& request) {
    const auto type = reservation_type(request.cdb.type());
    if (!type || is_registrants_only(*type) || is_all_registrants(*type)) return true;
    if (world_.paths.count() < 2) return true;
    if (policy_.reject_exclusive_types) return false;
    if (!warned_of_type_)
        world_.report(
            fmt::format("A reservation of type {} ({}) locks out all but one of the {} paths: the "
                        "guest's own writes through the others will fail. Use type {} instead",
                        request.cdb.type(), name(*type), world_.paths.count(),
                        *type == ReservationType::WriteExclusive ? 5 : 6));
    warned_of_type_ = true;
    return true;
}

void Engine::recover(Exchange& exchange) {
    if (!loaded_) {
        if (auto kept = world_.store.load()) {
            record_ = *std::move(kept);
        } else if (const auto key = world_.manager.key()) {
            record_.key = key->value;
            record_.aptpl = key->aptpl;
        }
        for (std::size_t i = 0; i < world_.paths.count(); ++i) seen_.push_back(world_.paths.name(i));
        loaded_ = true;
    }
    if (record_.swap || record_.leaving || !record_.trying.is_zero()) recover_interrupted(exchange);
}

/// What a request began and did not end: its process died, or no path answered any more. If no path answers
/// now either, the next request tries again.
void Engine::recover_interrupted(Exchange& exchange) {
    const auto keys = exchange.read_keys();
    if (!keys) return;
    if (record_.swap) restore(exchange, std::ranges::count(*keys, record_.swap->key) == 0);
    if (!record_.trying.is_zero()) {
        // If one path of ours got the new key, all are to have it.
        const ReservationKey tried = record_.trying;
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
            if (record_.leaving &&
                exchange.send(path, registering(record_.key, record_.key).command()).unknown_here()) {
                forget_registration();
                miss_all();
                record_.leaving = false;
            }
        record_.leaving = false;
    }
    save();
}

/// Brings paths into line that the last change of the key did not reach, as soon as they answer. multipathd
/// does so too; what it has done already costs one conflict here.
void Engine::reconcile(Exchange& exchange) {
    for (std::size_t i = 0; i < world_.paths.count(); ++i)
        if (std::ranges::count(seen_, world_.paths.name(i)) == 0 && !record_.key.is_zero())
            record_.missed.push_back(world_.paths.name(i));
    seen_.clear();
    for (std::size_t i = 0; i < world_.paths.count(); ++i) seen_.push_back(world_.paths.name(i));

    std::vector<std::size_t> returned;
    for (const std::size_t path : exchange.good_paths())
        if (std::ranges::count(record_.missed, world_.paths.name(path)) != 0) returned.push_back(path);
    if (returned.empty()) return;
    if (!record_.key.is_zero()) {
        // A host that was fenced while its path was away must stay fenced.
        const auto still = still_registered(exchange);
        if (!still) return;
        if (!*still) forget_registration();
    }
    keep_persistence(exchange);
    for (const std::size_t path : returned) {
        Answer answer{path, Outcome::Conflict, {}};
        if (!record_.key.is_zero()) answer = exchange.send(path, registering({}, record_.key).command());
        if (answer.unknown_here()) answer = exchange.send(path, registering_ignoring(record_.key).command());
        if (answer.good()) std::erase(record_.missed, world_.paths.name(path));
        exchange.quieten(path);  // what happened while it was away the guest was told down another
    }
    if (!record_.key.is_zero())
        learn_ownership(exchange,
                        world_.paths.count() - std::min(record_.missed.size(), world_.paths.count()));
    save();
}

/// A path that was lost on the way may be back already; if not, the next request or multipathd sees to it.
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
}

void Engine::miss_all() { miss_all_but({}); }

void Engine::save() {
    sort_out(record_.missed);
    world_.store.save(record_);
}

OutCommand Engine::registering(ReservationKey from, ReservationKey to) const {
    PrOutParameters parameters;
    parameters.reservation_key = from;
    parameters.service_action_key = to;
    parameters.aptpl = record_.aptpl;
    parameters.all_tg_pt = record_.all_tg_pt;
    return out_command(PrOutAction::Register, 0, parameters);
}

OutCommand Engine::registering_ignoring(ReservationKey to) const {
    PrOutParameters parameters;
    parameters.service_action_key = to;
    parameters.aptpl = record_.aptpl;
    parameters.all_tg_pt = record_.all_tg_pt;
    return out_command(PrOutAction::RegisterAndIgnoreExistingKey, 0, parameters);
}

OutCommand Engine::reserving(ReservationKey key, std::uint8_t type) {
    PrOutParameters parameters;
    parameters.reservation_key = key;
    return out_command(PrOutAction::Reserve, type, parameters);
}

OutCommand Engine::releasing(ReservationKey key, std::uint8_t type) {
    PrOutParameters parameters;
    parameters.reservation_key = key;
    return out_command(PrOutAction::Release, type, parameters);
}

OutCommand Engine::preempting(ReservationKey key, ReservationKey victim, std::uint8_t type) {
    PrOutParameters parameters;
    parameters.reservation_key = key;
    parameters.service_action_key = victim;
    return out_command(PrOutAction::Preempt, type, parameters);
}

}  // namespace prh
