// SPDX-License-Identifier: MIT
// Audit files, read: their records in the order of their time, by disk.
#pragma once

#include <cstddef>
#include <istream>
#include <map>
#include <string>
#include <vector>

#include "report/audit_event.h"
#include "report/history.h"

namespace prh::ctl {

class AuditLog {
  public:
    /// All lines of one file. `host`: what its records are labelled with.
    void read(std::istream& in, const std::string& host);

    struct Disk {
        std::string name;                ///< its WWID, or its node where it has none
        std::vector<std::string> nodes;  ///< "alpha: mpatha (253:0)"
        History history;
        std::vector<std::size_t> events;  ///< indices in events()
    };

    /// To be called once everything is read.
    void replay();
    const std::vector<AuditEvent>& events() const { return events_; }
    const std::map<std::string, Disk>& disks() const { return disks_; }
    const std::vector<std::string>& hosts() const { return hosts_; }
    std::size_t unreadable() const { return unreadable_; }  ///< lines that are no record
    std::int64_t dropped() const { return dropped_; }       ///< records that the helper could not write

  private:
    std::vector<AuditEvent> events_;
    std::map<std::string, Disk> disks_;
    std::vector<std::string> hosts_;
    std::size_t unreadable_ = 0;
    std::int64_t dropped_ = 0;
};

}  // namespace prh::ctl
