// SPDX-License-Identifier: MIT
#include "multipath/exchange.h"

#include <algorithm>

namespace prh {
namespace {

constexpr int kAttentions = 5;                       // absorbed in a row for one command
constexpr int kAttempts = 8;                         // of a command that a device is too busy for
constexpr std::chrono::milliseconds kFirstPause{5};  // doubled each time: 0.6 s in all
constexpr int kDrainRounds = 3;
constexpr std::size_t kLargest = 8192;

Outcome outcome_of_check_condition(const SenseData& sense) {
    const auto code = sense.code();
    if (!code) return Outcome::Refused;
    if (code->key == SenseKey::UnitAttention) return Outcome::Attention;
    if (code->key == SenseKey::AbortedCommand) return Outcome::Busy;
    if (code->key != SenseKey::NotReady) return Outcome::Refused;
    if (code->asc == 0x08 && code->ascq == 0x00) return Outcome::NotRegistered;
    if (code->asc != 0x04) return Outcome::Refused;
    // A target port in the standby (0Bh) or unavailable (0Ch) state carries no I/O either (SPC-4 5.15.2).
    return code->ascq == 0x0B || code->ascq == 0x0C ? Outcome::Lost : Outcome::Busy;
}

}  // namespace

Outcome outcome_of(const PathAnswer& answer) {
    if (answer.delivery != Delivery::Answered) return Outcome::Lost;
    switch (answer.result.status) {
        case ScsiStatus::Good: return Outcome::Good;
        case ScsiStatus::ReservationConflict: return Outcome::Conflict;
        case ScsiStatus::Busy:
        case ScsiStatus::TaskSetFull:
        case ScsiStatus::TaskAborted: return Outcome::Busy;
        case ScsiStatus::CheckCondition: return outcome_of_check_condition(answer.result.sense);
        default: return Outcome::Refused;
    }
}

Exchange::Exchange(Paths& paths, std::size_t preferred) : paths_(paths), preferred_(preferred) {}

std::vector<std::size_t> Exchange::good_paths() const {
    std::vector<std::size_t> good;
    for (const bool asked_kernel : {true, false}) {
        for (std::size_t i = 0; i < paths_.count(); ++i)
            if (std::ranges::count(lost_, i) == 0 && (!asked_kernel || paths_.usable(i))) good.push_back(i);
        if (!good.empty() || !lost_.empty()) break;
    }
    const auto preferred = std::ranges::find(good, preferred_);
    if (preferred != good.end()) std::rotate(good.begin(), preferred, preferred + 1);
    return good;
}

void Exchange::lose(std::size_t path) {
    if (std::ranges::count(lost_, path) == 0) lost_.push_back(path);
}

Answer Exchange::send(std::size_t path, const PathCommand& command) {
    return settle(path, command, paths_.send(path, command), false);
}

Answer Exchange::send_for_guest(std::size_t path, const PathCommand& command) {
    return settle(path, command, paths_.send(path, command), true);
}

Answer Exchange::settle(std::size_t path, const PathCommand& command, PathAnswer answer,
                        bool show_attention) {
    int attentions = 0;
    int attempts = 1;
    auto pause = kFirstPause;
    for (;;) {
        const Outcome outcome = outcome_of(answer);
        const bool again =
            (outcome == Outcome::Attention && !show_attention && ++attentions <= kAttentions) ||
            (outcome == Outcome::Busy && ++attempts <= kAttempts);
        if (!again) {
            if (outcome == Outcome::Attention) note_preemption(path, answer.result);
            if (outcome == Outcome::Lost)
                lose(path);
            else
                std::erase(lost_, path);
            return {path, outcome, answer.result};
        }
        if (outcome == Outcome::Attention) note_preemption(path, answer.result);
        if (outcome == Outcome::Busy) {
            paths_.pause(pause);
            pause *= 2;
        }
        answer = paths_.send(path, command);
    }
}

void Exchange::note_preemption(std::size_t path, const CommandResult& attention) {
    const auto code = attention.sense.code();
    if (code != sense::kReservationsPreempted && code != sense::kRegistrationsPreempted) return;
    preemption_ = attention;
    preempted_.push_back(path);
}

bool Exchange::was_preempted(std::size_t path) const { return std::ranges::count(preempted_, path) != 0; }

std::vector<Answer> Exchange::send_to_all(std::span<const std::size_t> paths, const PathCommand& command) {
    std::vector<Sending> sendings;
    for (const std::size_t path : paths) sendings.push_back({path, command});
    return send_each(sendings);
}

std::vector<Answer> Exchange::send_each(std::span<const Sending> sendings) {
    std::vector<Answer> answers;
    if (sendings.size() == 1) {
        answers.push_back(send(sendings[0].path, sendings[0].command));
    } else if (!sendings.empty()) {
        auto received = paths_.send_all(sendings);
        for (std::size_t i = 0; i < sendings.size(); ++i)
            answers.push_back(settle(sendings[i].path, sendings[i].command, std::move(received[i]), false));
    }
    return answers;
}

bool Exchange::revive(std::size_t path) {
    if (!paths_.usable(path)) return false;
    for (int i = 0; i <= kAttentions; ++i) {
        const Outcome outcome = outcome_of(paths_.send(path, {}));
        if (outcome == Outcome::Lost) return false;
        if (outcome == Outcome::Attention) continue;
        std::erase(lost_, path);
        return true;
    }
    return false;
}

void Exchange::drain(std::size_t except) {
    std::vector<std::size_t> rest = good_paths();
    std::erase(rest, except);
    for (int round = 0; round < kDrainRounds && !rest.empty(); ++round) rest = attentive(rest);
}

void Exchange::quieten(std::size_t path) {
    std::vector<std::size_t> rest{path};
    for (int round = 0; round < kDrainRounds && !rest.empty(); ++round) rest = attentive(rest);
}

void Exchange::drain_once(std::size_t except) {
    std::vector<std::size_t> rest = good_paths();
    std::erase(rest, except);
    attentive(rest);
}

/// Those of `paths` that answered TEST UNIT READY with a unit attention, which is gone then.
std::vector<std::size_t> Exchange::attentive(std::span<const std::size_t> paths) {
    std::vector<Sending> sendings;
    for (const std::size_t path : paths) sendings.push_back({path, {}});
    std::vector<std::size_t> found;
    if (sendings.empty()) return found;
    const auto answers = paths_.send_all(sendings);
    for (std::size_t i = 0; i < paths.size(); ++i)
        if (outcome_of(answers[i]) == Outcome::Attention) found.push_back(paths[i]);
    return found;
}

std::vector<std::uint8_t> Exchange::read(PrInAction action, std::size_t length) {
    std::vector<std::uint8_t> data(length);
    const Cdb cdb = Cdb::persistent_reserve_in(action, static_cast<std::uint16_t>(length));
    for (const std::size_t path : good_paths()) {
        const Answer answer = send(path, {cdb, {}, data});
        if (!answer.good()) continue;
        data.resize(std::min<std::size_t>(answer.result.data_length, length));
        return data;
    }
    return {};
}

std::optional<std::vector<ReservationKey>> Exchange::read_keys() {
    const auto parsed = ReadKeysData::parse(read(PrInAction::ReadKeys, kLargest));
    if (!parsed || parsed->truncated) return std::nullopt;
    return parsed->keys;
}

std::optional<std::vector<FullStatusDescriptor>> Exchange::read_full_status() {
    const auto parsed = ReadFullStatusData::parse(read(PrInAction::ReadFullStatus, kLargest));
    if (!parsed || parsed->truncated) return std::nullopt;
    return parsed->descriptors;
}

std::optional<std::optional<HeldReservation>> Exchange::read_reservation() {
    const auto parsed = ReadReservationData::parse(read(PrInAction::ReadReservation, 24));
    if (!parsed || parsed->truncated) return std::nullopt;
    return parsed->held;
}

std::optional<bool> Exchange::read_persistence() {
    const auto parsed = ReportCapabilitiesData::parse(read(PrInAction::ReportCapabilities, 8));
    if (!parsed) return std::nullopt;
    return parsed->persist_activated;
}

}  // namespace prh
