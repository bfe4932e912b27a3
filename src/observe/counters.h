// SPDX-License-Identifier: MIT
// What has happened since the start, by kind. Any thread counts, any thread reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace prh {

enum class Counter : unsigned char {
    Connections,         ///< accepted, those that were refused among them
    RefusedConnections,  ///< over --max-connections
    RefusedOfUser,       ///< over --max-connections-per-user
    RefusedPeers,        ///< not of --allow-uid or --allow-gid
    Requests,            ///< that were whole
    DelayedRequests,     ///< over --max-requests-per-process: they wait for others of their process
    RefusedRequests,     ///< answered BUSY: no descriptor was left for theirs
    OverdueConnections,  ///< closed after --request-timeout
    ProtocolViolations,  ///< closed for what the client sent
    SharedNexuses,       ///< a second client registered through a nexus
    DeniedChanges,       ///< RESERVATION CONFLICT for it (--shared-nexus=deny)
    AbandonedRequests,   ///< after --drain-timeout
};
constexpr std::size_t kCounterCount = 12;

/// What is counted, in words that go behind a number: "connections refused (--max-connections)".
std::string_view describe(Counter counter);
/// "connections_refused": for programs; documented in prhelperctl(1), METRICS.
std::string_view name(Counter counter);

class Counters {
  public:
    void add(Counter counter) { at(counter).fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t value(Counter counter) const { return at(counter).load(std::memory_order_relaxed); }

    /// "3 connections refused (--max-connections), 1 …": what clients were not given; empty if nothing.
    std::string refusals() const;

  private:
    const std::atomic<std::uint64_t>& at(Counter counter) const {
        return values_[static_cast<std::size_t>(counter)];
    }
    std::atomic<std::uint64_t>& at(Counter counter) { return values_[static_cast<std::size_t>(counter)]; }

    std::array<std::atomic<std::uint64_t>, kCounterCount> values_{};
};

}  // namespace prh
