// SPDX-License-Identifier: MIT
// What the records of one disk tell of it: who was registered and who held the reservation, when (SPC-4
// 5.13). An audit sees the commands of its own hosts and begins some day, so parts of this are inferred, and
// say so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/audit_event.h"

namespace prh::ctl {

/// A time for which somebody was registered, or held the reservation.
struct Span {
    std::size_t row = 0;                ///< History::rows
    std::int64_t from = 0;              ///< microseconds since the epoch
    std::optional<std::int64_t> until;  ///< nothing: to the end of the records
    std::string key;
    int type = 0;           ///< of a reservation
    bool inferred = false;  ///< it began before the records, or by a command that they do not have
    std::string end;        ///< why it ended: "preempted by VM db2"
};

class History {
  public:
    /// A machine on one I_T nexus. A client without a name is known by the device that it has opened: each
    /// command of a tool is another process.
    struct Row {
        std::string who;
        std::string host;
        std::string nexus;
    };

    /// In the order of their time; of commands that change nothing on the disk nothing is learnt.
    void add(const AuditEvent& event);

    const std::vector<Row>& rows() const { return rows_; }
    const std::vector<Span>& registrations() const { return registrations_; }
    const std::vector<Span>& holdings() const { return holdings_; }
    /// The row of an event's sender; it is made if it is new.
    std::size_t row_of(const AuditEvent& event);

  private:
    /// The registrations that there are, by nexus: index in registrations_. The disk knows one for each.
    using Open = std::map<std::string, std::size_t>;

    void begin_registration(std::size_t row, const AuditEvent& event, const std::string& key);
    void end_registration(Open::iterator which, std::int64_t time, const std::string& why);
    /// Only a registrant is answered GOOD, so it was one.
    void infer_registration(std::size_t row, const AuditEvent& event);
    void hold(std::size_t row, const AuditEvent& event, bool inferred = false);
    void end_holding(std::int64_t time, const std::string& why);
    void preempt(std::size_t row, const AuditEvent& event);
    void unregister(std::size_t row, const AuditEvent& event);
    /// Whether the holder is on this row's nexus.
    bool holds(const Span& held, std::size_t row) const;
    std::string nexus_key(std::size_t row) const { return rows_[row].host + "\n" + rows_[row].nexus; }

    std::vector<Row> rows_;
    std::vector<Span> registrations_;
    std::vector<Span> holdings_;
    Open registered_;
    std::optional<std::size_t> held_;  // index in holdings_
    std::optional<std::int64_t> begin_;
};

}  // namespace prh::ctl
