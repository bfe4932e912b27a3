// SPDX-License-Identifier: MIT
// The nodes of the cluster that `validate` plays, as who sends commands, looks at the disk, and removes what
// it has registered, whatever became of it. Does I/O through its initiators alone.
//
// What always holds: registrations are removed with REGISTER from a key of this run to none, through the node
// that registered it, so nobody else's can be.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "client/answer.h"
#include "diagnose/initiator.h"
#include "diagnose/validation_fault.h"
#include "diagnose/validation_steps.h"

namespace prh::ctl {

struct ValidationKeys {
    ReservationKey first;
    ReservationKey changed;
    ReservationKey second;

    std::vector<ReservationKey> all() const { return {first, changed, second}; }
    ReservationKey of(KeyName name) const;
};

/// A registration of this run that could not be removed, or that may be there.
struct Leftover {
    Node node = Node::First;
    ReservationKey key;
    bool certain = false;  ///< the disk says so
};

/// What came of a command: a reply, or the failure of the helper; and how often it was sent again.
struct Sent {
    Expected<Reply> reply;
    unsigned unit_attentions = 0;

    bool good() const { return reply && reply->result.status == ScsiStatus::Good; }
};

class ClusterNodes {
  public:
    ClusterNodes(Initiator& first, Initiator* second, const ValidationKeys& keys)
        : first_(first), second_(second), keys_(keys) {}

    bool has(Node node) const { return node == Node::First || second_ != nullptr; }
    Initiator& of(Node node) const { return node == Node::First ? first_ : *second_; }
    std::vector<Node> all() const;

    struct Change {
        PrOutAction action = PrOutAction::Register;
        ReservationKey key;
        ReservationKey new_key;
        bool aptpl = false;
    };
    Sent send(Node node, const Change& change);
    Sent read(Node node, PrInAction action);

    /// What the disk says, or which command did not tell.
    struct Look {
        std::optional<DiskState> state;
        std::string_view command;
        Sent sent{Reply{}};
    };
    Look look(Node node);

    /// Removes all that was registered. What is left, or may be.
    std::vector<Leftover> clean_up();

  private:
    Sent send(Node node, const Cdb& cdb, ConstBytes parameter_list);
    /// Through a new connection if need be.
    std::optional<DiskState> look_anew(Node node);
    void unregister(Node node, const DiskState& state);

    Initiator& first_;
    Initiator* const second_;
    const ValidationKeys keys_;
    std::map<Node, std::set<ReservationKey>> sent_;  // keys that were registered, or may have been
};

}  // namespace prh::ctl
