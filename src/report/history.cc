// SPDX-License-Identifier: MIT
#include "report/history.h"

#include <algorithm>

namespace prh::ctl {
namespace {

constexpr char kNoKey[] = "0x0";

/// Write Exclusive and Exclusive Access, all registrants: every registrant holds it.
bool all_registrants(int type) { return type == 7 || type == 8; }

std::string nexus_of(const AuditEvent& event) {
    if (event.paths.empty()) return event.number;
    std::string nexus;
    for (const std::string& path : event.paths) {
        // "3:0:0:1 naa.…": host, channel, target, LUN. Emulated ones are of another form, and taken whole.
        const std::string address = path.substr(0, path.find(' '));
        const bool scsi = std::count(address.begin(), address.end(), ':') == 3;
        nexus += (nexus.empty() ? "" : ", ") + (scsi ? address : path);
    }
    return nexus;
}

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::size_t History::row_of(const AuditEvent& event) {
    const std::string known_by =
        event.device.empty() ? "device " + event.number : last_component(event.device);
    const Row row{event.name.empty() ? known_by : event.name, event.host, nexus_of(event)};
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& each) {
        return each.who == row.who && each.host == row.host && each.nexus == row.nexus;
    });
    if (found != rows_.end()) return static_cast<std::size_t>(found - rows_.begin());
    rows_.push_back(row);
    return rows_.size() - 1;
}

void History::add(const AuditEvent& event) {
    if (event.kind == AuditEvent::Kind::Dropped) return;
    if (!begin_) begin_ = event.time;
    if (event.kind != AuditEvent::Kind::Out) return;
    const std::size_t row = row_of(event);
    if (!event.good()) return;
    const std::string by = " by " + rows_[row].who;
    const std::string& action = event.action;
    const bool registers = action == "REGISTER" || action == "REGISTER AND IGNORE EXISTING KEY";
    if (action == "CLEAN-UP") {  // needs no key; without a multipath map nothing is sent for it
        if (event.sent) unregister(row, event);
        return;
    }
    if (!registers) infer_registration(row, event);
    if (registers && event.action_key != kNoKey) {
        begin_registration(row, event, event.action_key);
    } else if (registers) {
        unregister(row, event);
    } else if (action == "RESERVE") {
        hold(row, event);
    } else if (action == "RELEASE") {
        end_holding(event.time, "released" + by);
    } else if (action == "CLEAR") {
        end_holding(event.time, "cleared" + by);
        while (!registered_.empty()) end_registration(registered_.begin(), event.time, "cleared" + by);
    } else if (action == "PREEMPT" || action == "PREEMPT AND ABORT") {
        preempt(row, event);
    } else if (action == "REGISTER AND MOVE") {
        end_holding(event.time, "moved to another initiator port" + by);
        if (const auto own = registered_.find(nexus_key(row)); event.unreg && own != registered_.end())
            end_registration(own, event.time, "moved away");
    }
}

void History::begin_registration(std::size_t row, const AuditEvent& event, const std::string& key) {
    const auto found = registered_.find(nexus_key(row));
    if (found != registered_.end()) {
        const Span& old = registrations_[found->second];
        if (old.row == row && old.key == key) return;
        end_registration(found, event.time, old.row == row ? "key changed" : "replaced by " + rows_[row].who);
    }
    registered_[nexus_key(row)] = registrations_.size();
    registrations_.push_back({row, event.time, std::nullopt, key, 0, false, {}});
}

void History::infer_registration(std::size_t row, const AuditEvent& event) {
    const auto found = registered_.find(nexus_key(row));
    if (found != registered_.end() && registrations_[found->second].key == event.key) return;
    const bool unknown = found == registered_.end();
    begin_registration(row, event, event.key);
    Span& span = registrations_.back();
    span.inferred = true;
    if (unknown) span.from = *begin_;
}

void History::end_registration(Open::iterator which, std::int64_t time, const std::string& why) {
    Span& span = registrations_[which->second];
    span.until = time;
    span.end = why;
    registered_.erase(which);
}

void History::unregister(std::size_t row, const AuditEvent& event) {
    if (const auto own = registered_.find(nexus_key(row)); own != registered_.end())
        end_registration(own, event.time, "unregistered");
    if (!held_) return;
    const Span& held = holdings_[*held_];
    if (all_registrants(held.type) ? registered_.empty() : holds(held, row))
        end_holding(event.time, "its holder unregistered");
}

bool History::holds(const Span& held, std::size_t row) const { return nexus_key(held.row) == nexus_key(row); }

void History::hold(std::size_t row, const AuditEvent& event, bool inferred) {
    if (held_) {
        const Span& held = holdings_[*held_];
        // A RESERVE of the holder changes nothing (SPC-4 5.13.9).
        if (held.type == event.type && (holds(held, row) || all_registrants(held.type))) return;
        end_holding(event.time, "ended by a command that the records do not have");
    }
    held_ = holdings_.size();
    holdings_.push_back({row, event.time, std::nullopt, event.key, event.type, inferred, {}});
}

void History::end_holding(std::int64_t time, const std::string& why) {
    if (!held_) return;
    Span& held = holdings_[*held_];
    held.until = time;
    held.end = why;
    held_.reset();
}

void History::preempt(std::size_t row, const AuditEvent& event) {
    const std::string why = "preempted by " + rows_[row].who;
    const bool everybody = event.action_key == kNoKey;  // only of an all registrants reservation
    const bool holder_goes =
        held_ &&
        (all_registrants(holdings_[*held_].type) ? everybody : holdings_[*held_].key == event.action_key);
    for (auto at = registered_.begin(); at != registered_.end();) {
        const auto which = at++;
        const bool meant = everybody || registrations_[which->second].key == event.action_key;
        if (meant && which->first != nexus_key(row)) end_registration(which, event.time, why);
    }
    if (holder_goes) {
        end_holding(event.time, why);
        hold(row, event);
    } else if (holdings_.empty()) {
        // Who held it before the records is not known; most PREEMPTs are sent to take the reservation.
        hold(row, event, true);
    }
}

}  // namespace prh::ctl
