// SPDX-License-Identifier: MIT
#include "diagnose/cluster_nodes.h"

#include <algorithm>

#include "scsi/pr_out_parameters.h"
#include "wire/protocol.h"

namespace prh::ctl {
namespace {

/// A device reports one unit attention for each command (SAM-5 5.14.5); nothing real queues more of them.
constexpr unsigned kMaximumUnitAttentions = 8;

/// A disk that changes all the time is judged as it was seen last.
constexpr int kLookAttempts = 4;

constexpr int kCleaningRounds = 3;

bool registers(PrOutAction action) {
    return action == PrOutAction::Register || action == PrOutAction::RegisterAndIgnoreExistingKey;
}

bool has_type(PrOutAction action) { return !registers(action) && action != PrOutAction::Clear; }

bool lists(const DiskState& state, ReservationKey key) {
    return std::find(state.keys.begin(), state.keys.end(), key) != state.keys.end();
}

}  // namespace

ReservationKey ValidationKeys::of(KeyName name) const {
    switch (name) {
        case KeyName::None: return {};
        case KeyName::First: return first;
        case KeyName::Changed: return changed;
        case KeyName::Second: return second;
    }
    return {};
}

std::vector<Node> ClusterNodes::all() const {
    return second_ == nullptr ? std::vector{Node::First} : std::vector{Node::First, Node::Second};
}

Sent ClusterNodes::send(Node node, const Cdb& cdb, ConstBytes parameter_list) {
    Sent sent{of(node).execute(cdb, parameter_list)};
    while (sent.reply && exit_code_of(sent.reply->result) == ExitCode::UnitAttention &&
           sent.unit_attentions < kMaximumUnitAttentions) {
        ++sent.unit_attentions;
        sent.reply = of(node).execute(cdb, parameter_list);
    }
    return sent;
}

Sent ClusterNodes::send(Node node, const Change& change) {
    PrOutParameters parameters;
    parameters.reservation_key = change.key;
    parameters.service_action_key = change.new_key;
    parameters.aptpl = change.aptpl;
    const std::vector<std::uint8_t> list = parameters.encode();
    const auto type = has_type(change.action) ? static_cast<std::uint8_t>(kClusterType) : std::uint8_t{0};
    // Before it is sent: a command whose answer is lost may have been executed.
    if (registers(change.action) && !change.new_key.is_zero()) sent_[node].insert(change.new_key);
    return send(node,
                Cdb::persistent_reserve_out(change.action, type, static_cast<std::uint32_t>(list.size())),
                list);
}

Sent ClusterNodes::read(Node node, PrInAction action) {
    return send(node, Cdb::persistent_reserve_in(action, kMaximumDataLength), {});
}

ClusterNodes::Look ClusterNodes::look(Node node) {
    Look look;
    // Two commands see two moments: what somebody registers between them would be seen too late.
    for (int attempt = 0; attempt < kLookAttempts; ++attempt) {
        look = {std::nullopt, "READ KEYS", read(node, PrInAction::ReadKeys)};
        if (!look.sent.good()) return look;
        const auto keys = ReadKeysData::parse(look.sent.reply->data);
        look.sent = read(node, PrInAction::ReadReservation);
        look.command = "READ RESERVATION";
        if (!look.sent.good()) return look;
        const auto reservation = ReadReservationData::parse(look.sent.reply->data);
        if (!keys || !reservation) return look;
        look.state = DiskState{reservation->generation, keys->keys, reservation->held};
        if (keys->generation == reservation->generation) return look;
    }
    return look;
}

std::vector<Leftover> ClusterNodes::clean_up() {
    std::vector<Leftover> left;
    if (sent_.empty()) return left;
    // The helper may end again while this goes on; if none comes back, there is nothing to repeat.
    for (int round = 0; round < kCleaningRounds; ++round) {
        std::optional<DiskState> state;
        for (const Node node : all()) {
            std::optional<DiskState> seen = look_anew(node);
            if (seen && sent_.contains(node)) unregister(node, *seen);
            if (seen) seen = look_anew(node);
            if (seen) state = seen;  // whoever can look tells of both
        }
        left.clear();
        for (const auto& [node, keys] : sent_)
            for (const ReservationKey key : keys)
                if (!state || lists(*state, key)) left.push_back({node, key, state.has_value()});
        if (left.empty()) sent_.clear();
        if (left.empty() || !state) break;
    }
    return left;
}

std::optional<DiskState> ClusterNodes::look_anew(Node node) {
    // A connection to a helper that has ended looks sound until it is used; and what failed once may not
    // again.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!of(node).reconnect()) return std::nullopt;
        const Look look = this->look(node);
        if (look.state) return look.state;
    }
    return std::nullopt;
}

void ClusterNodes::unregister(Node node, const DiskState& state) {
    for (const ReservationKey key : sent_.at(node))
        if (lists(state, key)) send(node, Change{PrOutAction::Register, key, {}, false});
}

}  // namespace prh::ctl
