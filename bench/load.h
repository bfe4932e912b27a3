// SPDX-License-Identifier: MIT
// The loads, each a closed loop: a connection has at most one request outstanding, as the protocol demands,
// and sends the next one the moment the reply is in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connection.h"

namespace prh::bench {

/// What a load came to: how long it took, and how long each of its requests took.
class Latencies {
  public:
    Latencies(std::vector<std::uint32_t> nanoseconds, double seconds);
    double requests_per_second() const { return static_cast<double>(sorted_.size()) / seconds_; }
    double percentile_us(double percent) const;

  private:
    std::vector<std::uint32_t> sorted_;
    double seconds_;
};

/// `count` connections with the handshake done: none of them owes or is owed anything.
std::vector<Connection> open_connections(const std::string& path, std::size_t count);

/// One connection is busy and the others are idle, and it may be any of them: each request is sent by
/// another, the old ones and the new ones alike. (The existing helper serves the newest an order of magnitude
/// faster than the oldest, so a figure for either alone would mislead.)
Latencies drive_one(std::vector<Connection>& connections, int device, double seconds);

/// All of them are busy all the time: there is never a connection without a request outstanding. Each is
/// driven by a thread that blocks in recv, because each of a host's virtual machines is a process that does:
/// whether all of them get their turn is what is measured.
Latencies drive_all(std::vector<Connection>& connections, int device, double seconds);

/// The same load from a single thread with epoll: the least that a client can cost, and a client that deals
/// out turns itself, since it answers replies in the order in which they came.
Latencies drive_all_from_one_thread(std::vector<Connection>& connections, int device, double seconds);

}  // namespace prh::bench
