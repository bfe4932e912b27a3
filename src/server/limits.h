// SPDX-License-Identifier: MIT
// What the server allows, and how long. Numbers are options of the programs unless they say otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>

namespace prh {

struct Limits {
    /// Connections at one time; a further one is closed at once, so that its client hears of it.
    std::size_t max_connections = 4096;
    /// Those of one user id.
    std::size_t max_connections_per_user = std::numeric_limits<std::size_t>::max();
    /// Requests in flight of one client process, each of which has a thread until it is answered and its
    /// descriptor closed; a further one waits for one of them.
    std::size_t max_requests_per_process = 64;
    /// For the handshake, for the rest of a request once its first byte has come, and for taking a reply.
    std::chrono::milliseconds request_timeout{10'000};
    /// For requests in flight after SIGTERM; what is not done by then is abandoned and named.
    std::chrono::milliseconds drain_timeout{60'000};
    /// Connections that were refused and are being closed at one time, which takes as long as their clients
    /// want (a descriptor that waits unread in one may hang when it is dropped). They are not counted among
    /// the others; beyond them whoever comes waits to be accepted. No option: it is what threads and
    /// descriptors allow.
    std::size_t refused_at_once = 256;
};

/// Descriptors that the process needs beside two for each connection (the socket and a request's descriptor).
constexpr std::size_t kOwnDescriptors = 64;
/// For many looks into sysfs and many refused connections at one time, where the system gives more than it
/// must; elsewhere fewer are refused at one time.
constexpr std::size_t kSpareDescriptors = 1024;
constexpr std::size_t kFewRefusedAtOnce = 16;

}  // namespace prh
