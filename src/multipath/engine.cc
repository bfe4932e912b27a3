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
    const RecordTurn turn(world_.store);
    if (!turn) return CommandResult::of(ScsiStatus::Busy);
    if (!load()) return no_path();
    Exchange exchange(world_.paths, preferred_);
    recover(exchange);
    if (owed_) {
        exchange.drain_once(kNobody);
        return *std::exchange(owed_, std::nullopt);
    }
    if (cdb.is_persistent_reserve_in()) {
        // A unit attention is the guest's, and not for a command of ours to take.
        CommandResult result = pass_in(exchange, cdb, data_in);
        if (result.status == ScsiStatus::Good && reconcile(exchange))
            result = pass_in(exchange, cdb, data_in);
        preferred_ = exchange.preferred();
        return result;
    }
    Request request{cdb, parameter_list, {}, exchange, {}, false};
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
    retry_stale(request.exchange);
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
