// SPDX-License-Identifier: MIT
#include "observe/counters.h"

#include <fmt/format.h>

namespace prh {

std::string_view describe(Counter counter) {
    switch (counter) {
        case Counter::Connections: return "connections";
        case Counter::RefusedConnections: return "connections refused (--max-connections)";
        case Counter::RefusedOfUser: return "connections refused (--max-connections-per-user)";
        case Counter::RefusedPeers: return "connections refused (--allow-uid, --allow-gid)";
        case Counter::Requests: return "requests";
        case Counter::DelayedRequests: return "requests delayed (--max-requests-per-process)";
        case Counter::RefusedRequests: return "requests answered BUSY (no descriptor was left for theirs)";
        case Counter::OverdueConnections: return "connections closed (--request-timeout)";
        case Counter::ProtocolViolations: return "protocol violations";
        case Counter::SharedNexuses: return "registrations through somebody else's I_T nexus";
        case Counter::DeniedChanges: return "changes denied (--shared-nexus=deny)";
        case Counter::AbandonedRequests: return "requests abandoned (--drain-timeout)";
    }
    return "?";
}

std::string_view name(Counter counter) {
    switch (counter) {
        case Counter::Connections: return "connections";
        case Counter::RefusedConnections: return "connections_refused";
        case Counter::RefusedOfUser: return "connections_refused_of_user";
        case Counter::RefusedPeers: return "connections_refused_of_peers";
        case Counter::Requests: return "requests";
        case Counter::DelayedRequests: return "requests_delayed";
        case Counter::RefusedRequests: return "requests_refused";
        case Counter::OverdueConnections: return "connections_overdue";
        case Counter::ProtocolViolations: return "protocol_violations";
        case Counter::SharedNexuses: return "shared_nexuses";
        case Counter::DeniedChanges: return "changes_denied";
        case Counter::AbandonedRequests: return "requests_abandoned";
    }
    return "?";
}

std::string Counters::refusals() const {
    std::string text;
    for (std::size_t i = 0; i < kCounterCount; ++i) {
        const auto counter = static_cast<Counter>(i);
        if (counter == Counter::Connections || counter == Counter::Requests || value(counter) == 0) continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", value(counter), describe(counter));
    }
    return text;
}

}  // namespace prh
