// SPDX-License-Identifier: MIT
// The loads. A connection has at most one request outstanding, as the protocol demands. In a closed loop it
// sends the next one the moment the reply is in: that shows how much a server can do. How long a request
// takes is told by a paced load, where every server is asked equally often: in a closed loop the faster one
// is given more to do, and the latencies of different loads are compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connection.h"

namespace prh::bench {

/// Of the measured time, before it: caches, thread pools, the scheduler.
constexpr double kWarmUpShare = 0.1;

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
/// whether all of them get their turn is part of what is measured.
Latencies drive_all(std::vector<Connection>& connections, int device, double seconds);

/// The same from a single thread with epoll: the least that a client can cost, and a client that deals out
/// the turns itself, since it sends in the order in which replies come.
Latencies drive_all_from_one_thread(std::vector<Connection>& connections, int device, double seconds);

/// All of them send at random times, together so many requests per second. A latency counts from when the
/// request was due, also if an earlier reply of the connection was still awaited then: a server that falls
/// behind does not hide it by slowing its clients down.
Latencies drive_paced(std::vector<Connection>& connections, int device, double requests_per_second,
                      double seconds);

}  // namespace prh::bench
