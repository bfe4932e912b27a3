// SPDX-License-Identifier: MIT
// One record of an audit file (qemu-pr-helper(8), AUDIT), read with what a page about it needs. A file may be
// torn, of another version, or not be one: nothing in it is believed to be there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prh::ctl {

struct AuditEvent {
    enum class Kind {
        Out,      ///< PERSISTENT RESERVE OUT, or the clean-up after a live migration
        In,       ///< PERSISTENT RESERVE IN
        Dropped,  ///< records that are missing; `records` of them
    };

    Kind kind = Kind::Out;
    std::int64_t time = 0;  ///< microseconds since the epoch; of a Dropped one that of the record before
    std::string host;       ///< whose file it stands in
    std::int64_t pid = 0;
    std::int64_t uid = 0;
    std::string name;                ///< "VM db1"; empty where it is not known
    std::string number;              ///< of the device node: "8:16"
    std::string device;              ///< "sdb"
    std::vector<std::string> wwids;  ///< the disk's own names
    std::vector<std::string> paths;  ///< I_T nexuses
    bool sent = false;               ///< a command was sent to a disk for it
    std::string action;              ///< "PREEMPT"
    int type = 0;                    ///< of the reservation; 0 where the action has none
    std::string key = {};            ///< "0xa1", as it is written; empty where there is none
    std::string action_key = {};
    bool aptpl = false;
    bool unreg = false;
    std::string status;
    std::string sense;
    std::int64_t queued_us = 0;
    std::int64_t device_us = 0;
    std::int64_t records = 0;

    /// "VM db1", or "pid 4242" where there is no name.
    std::string who() const { return name.empty() ? "pid " + std::to_string(pid) : name; }
    bool good() const { return status == "GOOD"; }
};

/// A line without its newline; nothing if it is no record.
std::optional<AuditEvent> parse_audit_line(std::string_view line, const std::string& host);

/// "2026-01-31T12:00:00.000042Z" as microseconds since the epoch; nothing if it is something else.
std::optional<std::int64_t> parse_timestamp(const std::string& text);

}  // namespace prh::ctl
