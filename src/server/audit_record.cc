// SPDX-License-Identifier: MIT
#include "server/audit_record.h"

#include <fmt/format.h>

#include <cstdlib>

#include "observe/json_object.h"
#include "scsi/names.h"
#include "scsi/pr_out_parameters.h"
#include "server/timestamp.h"

namespace prh {
namespace {

/// The parts of a parameter list that have the same place in all of them (SPC-4 tables 205 and 207).
struct Keys {
    ReservationKey key, action_key;
    std::uint8_t flags;
    bool there;
};
Keys keys_of(const AuditRecord& record) {
    ByteReader reader(record.parameter_list);
    Keys keys{{reader.read<std::uint64_t>()}, {reader.read<std::uint64_t>()}, 0, false};
    const bool moves = record.cdb.service_action() == static_cast<int>(PrOutAction::RegisterAndMove);
    reader.skip(moves ? 1 : 4);
    keys.flags = reader.read<std::uint8_t>();
    keys.there = reader.ok();
    return keys;
}

PrOutAction out_action(const Cdb& cdb) { return static_cast<PrOutAction>(cdb.service_action()); }

std::string_view event_of(const Cdb& cdb) {
    if (cdb.is_clean_up()) return "cleanup";
    return cdb.is_persistent_reserve_out() ? "out" : "in";
}

/// TYPE has a meaning (SPC-4 table 202).
bool has_type(const Cdb& cdb) {
    switch (out_action(cdb)) {
        case PrOutAction::Reserve:
        case PrOutAction::Release:
        case PrOutAction::Preempt:
        case PrOutAction::PreemptAndAbort: return true;
        default: return false;
    }
}

}  // namespace

std::string AuditRecord::to_json() const {
    JsonObject who;
    who.add("pid", std::int64_t{peer.pid})
        .add("uid", std::int64_t{peer.uid})
        .add("gid", std::int64_t{peer.gid});
    if (!peer_name.empty()) who.add("name", peer_name);
    JsonObject what;
    what.add("number", device.number);
    if (!device.name.empty()) what.add("name", device.name);
    what.add("wwids", device.wwids).add("paths", device.nexuses);

    const bool out = cdb.is_persistent_reserve_out();
    JsonObject record;
    record.add("time", timestamp(time)).add("event", event_of(cdb)).add("peer", who).add("device", what);
    record.add("paths_used", paths_used);
    record.add("action", name_of_action(cdb));
    if (out && has_type(cdb)) {
        record.add("type", std::int64_t{cdb.type()})
            .add("type_name", name(static_cast<ReservationType>(cdb.type())));
    }
    if (const Keys keys = keys_of(*this); out && keys.there) {
        constexpr std::uint8_t kAptpl = 0x01, kUnreg = 0x02, kAllTargetPorts = 0x04, kSpecifiedPorts = 0x08;
        const bool moves = out_action(cdb) == PrOutAction::RegisterAndMove;
        record.add("key", prh::to_string(keys.key)).add("action_key", prh::to_string(keys.action_key));
        record.add("aptpl", (keys.flags & kAptpl) != 0);
        if (moves) record.add("unreg", (keys.flags & kUnreg) != 0);
        if (!moves && (keys.flags & kAllTargetPorts) != 0) record.add("all_tg_pt", true);
        if (!moves && (keys.flags & kSpecifiedPorts) != 0) record.add("spec_i_pt", true);
    }
    if (is_unverified()) record.add("unverified", true);
    record.add("status", name(result.status));
    if (const auto code = result.sense.code()) record.add("sense", prh::to_string(*code));
    record.add("queued_us", std::int64_t{queued.count()});
    record.add("device_us", std::int64_t{on_device.count()});
    return record.text();
}

bool AuditRecord::notable() const {
    if (cdb.is_clean_up()) return true;
    if (!cdb.is_persistent_reserve_out()) return false;
    const PrOutAction action = out_action(cdb);
    return action == PrOutAction::Preempt || action == PrOutAction::PreemptAndAbort ||
           action == PrOutAction::Clear || result.status == ScsiStatus::ReservationConflict;
}

bool AuditRecord::is_unverified() const {
    return cdb.is_persistent_reserve_out() && device.kind == DeviceKind::Generic && !paths_used.empty() &&
           paths_used.front() == device.name;
}

std::string AuditRecord::to_string() const {
    const std::string numbers = fmt::format("pid {}, uid {}", peer.pid, peer.uid);
    std::string text =
        fmt::format("{}: {} on {}", peer_name.empty() ? numbers : fmt::format("{} ({})", peer_name, numbers),
                    name_of_action(cdb), device.title());
    if (cdb.is_persistent_reserve_out()) {
        const Keys keys = keys_of(*this);
        text += fmt::format(", key {}, service action key {}", prh::to_string(keys.key),
                            prh::to_string(keys.action_key));
        if (is_unverified()) text += " (as asked; the client could change it on its way)";
    }
    return text + ": " + prh::to_string(result);
}

}  // namespace prh
