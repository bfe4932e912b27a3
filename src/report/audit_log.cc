// SPDX-License-Identifier: MIT
#include "report/audit_log.h"

#include <algorithm>

namespace prh::ctl {
namespace {

/// The same for a disk whatever the node, the path and the host; a node's own name says nothing to another
/// host.
std::string disk_of(const AuditEvent& event) {
    if (!event.wwids.empty()) return event.wwids.front();
    // An emulated disk is a file with several names: its number has the inode.
    if (std::count(event.number.begin(), event.number.end(), ':') == 2) return "file " + event.number;
    return event.host + ": " + (event.device.empty() ? event.number : event.device);
}

}  // namespace

void AuditLog::read(std::istream& in, const std::string& host) {
    if (std::find(hosts_.begin(), hosts_.end(), host) == hosts_.end()) hosts_.push_back(host);
    std::int64_t last = 0;
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) continue;  // left by a line that was torn
        auto event = parse_audit_line(line, host);
        if (!event) {
            ++unreadable_;
            continue;
        }
        if (event->kind == AuditEvent::Kind::Dropped) {
            event->time = last;
            dropped_ += event->records;
        }
        last = event->time;
        events_.push_back(std::move(*event));
    }
}

void AuditLog::replay() {
    std::stable_sort(events_.begin(), events_.end(),
                     [](const AuditEvent& a, const AuditEvent& b) { return a.time < b.time; });
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const AuditEvent& event = events_[i];
        if (event.kind == AuditEvent::Kind::Dropped) continue;  // of no disk, or of any
        Disk& disk = disks_[disk_of(event)];
        disk.name = disk_of(event);
        const std::string node =
            event.host + ": " + event.device + (event.device.empty() ? "" : " ") + "(" + event.number + ")";
        if (std::find(disk.nodes.begin(), disk.nodes.end(), node) == disk.nodes.end())
            disk.nodes.push_back(node);
        disk.events.push_back(i);
        disk.history.add(event);
    }
}

}  // namespace prh::ctl
