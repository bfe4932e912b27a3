// SPDX-License-Identifier: MIT
// The counters of a helper ("counters" in doc/control.md): the one list of their names and meanings, which
// status, metrics and the manual show.
#pragma once

#include <array>
#include <string_view>

namespace prh::ctl {

struct KnownCounter {
    std::string_view name;
    std::string_view meaning;
    bool alarming;  ///< an administrator wants to know that it is not zero
};

constexpr std::array<KnownCounter, 14> kCounters{{
    {"connections", "Connections, those that were refused among them", false},
    {"connections_refused", "Connections refused: --max-connections was reached", true},
    {"connections_refused_of_user", "Connections refused: --max-connections-per-user was reached", true},
    {"connections_refused_of_peers", "Connections refused: not of --allow-uid or --allow-gid", true},
    {"requests", "Requests that came whole", false},
    {"requests_delayed", "Requests that waited for others of their process (--max-requests-per-process)",
     false},
    {"requests_refused", "Requests answered BUSY: no descriptor was left for theirs", true},
    {"connections_overdue", "Connections closed because a client did not go on within --request-timeout",
     true},
    {"protocol_violations", "Connections closed because the client broke the protocol", true},
    {"shared_nexuses", "Registrations through an I_T nexus that another client had registered", true},
    {"changes_denied", "Changes through an I_T nexus of another client's that --shared-nexus=deny refused",
     true},
    {"requests_abandoned", "Requests still stuck in the kernel after --drain-timeout", true},
    {"log_lines_left_out", "Lines about clients that were left out of the log (--log-rate)", true},
    {"audit_dropped", "Records that the audit file has lost", true},
}};

}  // namespace prh::ctl
