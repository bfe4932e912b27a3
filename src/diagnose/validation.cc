// SPDX-License-Identifier: MIT
#include "diagnose/validation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scsi/names.h"

namespace prh::ctl {
namespace {

std::string in_words(const DiskState& state) {
    std::vector<std::string> keys;
    for (const ReservationKey key : state.keys) keys.push_back(to_string(key));
    std::string words = fmt::format("{} {}", keys.size() == 1 ? "key" : "keys", fmt::join(keys, ", "));
    if (state.held)
        words += fmt::format("; {} holds a reservation of type {}",
                             state.held->key.is_zero() ? "everybody" : to_string(state.held->key),
                             state.held->type);
    return words;
}

bool is_free(const DiskState& state) { return state.keys.empty() && !state.held; }

/// Not on what is asked beside the way; but who cannot see what is registered does not change it.
bool others_build_on(const Step& step) {
    const auto* question = std::get_if<Question>(&step.what);
    return question == nullptr || *question == Question::State;
}

/// Whether a step is about something that this disk has.
bool applies(const Step& step, const WayFacts& way) {
    const auto* question = std::get_if<Question>(&step.what);
    return way.multipath || question == nullptr || *question != Question::MultipathdKey;
}

}  // namespace

ValidationOutcome Validation::run() {
    const std::span<const Scene> all = scenes();
    play(all.front());
    if (given_up_.empty() && last_) {
        if (const Expected<void> room = make_room(); !room) {
            outcome_.refusal = room.error();
            outcome_.left = nodes_.clean_up();
            return std::move(outcome_);
        }
    }
    if (!last_ && given_up_.empty()) given_up_ = "it cannot be seen whether the disk is free";
    for (const Scene& scene : all.subspan(1)) play(scene);
    return std::move(outcome_);
}

void Validation::play(const Scene& scene) {
    std::string reason = why_not(scene);
    const bool played = reason.empty();
    for (const Step& step : scene.steps) {
        if (!applies(step, way_of(Node::First))) continue;
        if (reason.empty() && settings_.stopped()) {
            outcome_.interrupted = true;
            reason = given_up_ = "interrupted";
        }
        StepOutcome outcome{&scene, &step};
        if (reason.empty()) {
            outcome = play(scene, step);
            learn_from(outcome);
            if (outcome.status == StepStatus::Failed && (others_build_on(step) || !given_up_.empty()))
                reason = "it builds on what failed";
        } else {
            outcome.status = StepStatus::NotTested;
            outcome.reason = reason;
        }
        settings_.tell(outcome);
        outcome_.steps.push_back(std::move(outcome));
    }
    if (!played) return;
    outcome_.left = nodes_.clean_up();
    if (!outcome_.left.empty() && given_up_.empty()) given_up_ = "keys of this run are left on the disk";
}

std::string Validation::why_not(const Scene& scene) const {
    if (!given_up_.empty()) return given_up_;
    if (scene.two_nodes && !nodes_.has(Node::Second))
        return "it takes a second initiator: --second=DEVICE, the same disk through another I_T nexus";
    if (scene.two_nodes && !no_second_.empty()) return no_second_;
    if (scene.aborts && !settings_.aborts)
        return "PREEMPT AND ABORT hangs some targets for good (Linux's own on loopback ports): "
               "--preempt-abort sends it";
    if (scene.persists && !persists_)
        return "the array does not keep registrations beyond a loss of power (PTPL_C is 0)";
    return "";
}

void Validation::learn_from(const StepOutcome& outcome) {
    if (!outcome.finding) return;
    switch (outcome.finding->fault) {
        case Fault::Array:
        case Fault::Multipathd: return;  // the other scenes may go well
        case Fault::SecondNode: no_second_ = "what --second names is no second node"; return;
        case Fault::Path: given_up_ = "a path fails"; return;
        case Fault::Helper: given_up_ = "the helper fails"; return;
        case Fault::AnotherHost: given_up_ = "somebody else uses the disk"; return;
    }
}

Expected<void> Validation::make_room() {
    if (!is_free(*last_)) {
        if (!settings_.clear_keys)
            return fail(ExitCode::ReservationConflict,
                        fmt::format("'{}' is in use: {}. If nobody needs them, --clear-keys removes them",
                                    nodes_.of(Node::First).device(), in_words(*last_)));
        outcome_.cleared = last_->keys;
        if (const Expected<void> cleared = clear(); !cleared) return cleared;
    }
    if (!nodes_.has(Node::Second)) return {};
    const ClusterNodes::Look look = nodes_.look(Node::Second);
    if (look.state && !is_free(*look.state))
        return fail(ExitCode::ReservationConflict,
                    fmt::format("'{}' has {}, of which '{}' does not tell: it is another logical unit",
                                nodes_.of(Node::Second).device(), in_words(*look.state),
                                nodes_.of(Node::First).device()));
    return {};
}

Expected<void> Validation::clear() {
    const ReservationKey key = settings_.keys.first;
    Sent sent = nodes_.send(Node::First, {PrOutAction::RegisterAndIgnoreExistingKey, {}, key, false});
    if (sent.good()) sent = nodes_.send(Node::First, {PrOutAction::Clear, key, {}, false});
    if (!sent.reply) return tl::unexpected<Failure>(sent.reply.error());
    if (!sent.good())
        return fail(exit_code_of(sent.reply->result),
                    fmt::format("the registrations of '{}' could not be removed: {}",
                                nodes_.of(Node::First).device(), to_string(sent.reply->result)));
    last_ = nodes_.look(Node::First).state;
    if (last_ && !is_free(*last_))
        return fail(ExitCode::ReservationConflict,
                    fmt::format("'{}' was cleared, and has {} again: somebody uses it",
                                nodes_.of(Node::First).device(), in_words(*last_)));
    return {};
}

}  // namespace prh::ctl
