// SPDX-License-Identifier: MIT
#include "diagnose/cluster_nodes.h"

#include <algorithm>

#include "scsi/pr_out_parameters.h"
#include "wire/protocol.h"

namespace prh::ctl {
namespace {

/// A device reports one unit attention for each command (SAM-5 5.14.5); nothing real queues more of them.
constexpr unsigned kMaximumUnitAttentions = 8;

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
    Look look{std::nullopt, "READ KEYS", read(node, PrInAction::ReadKeys)};
    if (!look.sent.good()) return look;
    const auto keys = ReadKeysData::parse(look.sent.reply->data);
    look.sent = read(node, PrInAction::ReadReservation);
    look.command = "READ RESERVATION";
    if (!look.sent.good()) return look;
    const auto reservation = ReadReservationData::parse(look.sent.reply->data);
    if (keys && reservation) look.state = DiskState{reservation->generation, keys->keys, reservation->held};
    return look;
}

std::vector<Leftover> ClusterNodes::clean_up() {
    std::vector<Leftover> left;
    if (sent_.empty()) return left;
    for (const Node node : all())
        if (sent_.contains(node) && of(node).reconnect()) unregister(node, look(node).state);
    // Whoever can look tells of both; a key that two nodes share may be the other one's.
    std::optional<DiskState> state;
    for (const Node node : all())
        if (!state && of(node).reconnect()) state = look(node).state;
    for (const auto& [node, keys] : sent_)
        for (const ReservationKey key : keys)
            if (!state || lists(*state, key)) left.push_back({node, key, state.has_value()});
    if (left.empty()) sent_.clear();
    return left;
}

void ClusterNodes::unregister(Node node, const std::optional<DiskState>& state) {
    for (const ReservationKey key : sent_.at(node))
        if (!state || lists(*state, key)) send(node, Change{PrOutAction::Register, key, {}, false});
}

}  // namespace prh::ctl
