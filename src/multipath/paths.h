// SPDX-License-Identifier: MIT
// The seam below the engine: the paths of one multipath map, and "send this command down path i". Real paths
// are SCSI disks (path_set.h); in tests they are nexuses of an emulated logical unit.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"
#include "scsi/transport_id.h"

namespace prh {

/// An I_T nexus as READ FULL STATUS names it (SPC-4 6.15.5): who a registration belongs to.
struct PortPair {
    TransportId initiator_port;
    std::uint16_t target_port = 0;  ///< relative target port identifier

    friend auto operator<=>(const PortPair&, const PortPair&) = default;
};

/// How a command that was sent down a path ended.
enum class Delivery {
    Answered,     ///< the logical unit answered; the result is its own
    Unreachable,  ///< the transport failed: it may have been executed, or not
    TimedOut,     ///< no answer in time: it may have been executed, or not, or be executed later
};

struct PathAnswer {
    Delivery delivery = Delivery::Answered;
    CommandResult result;  ///< where the logical unit did not answer: what a guest is to be told of it
};

/// A command for one path. `cdb`: PERSISTENT RESERVE IN or OUT, or TEST UNIT READY (the default: all zero).
struct PathCommand {
    Cdb cdb;
    ConstBytes parameter_list;
    MutableBytes data_in;
};

struct Sending {
    std::size_t path;
    PathCommand command;
};

class Paths {
  public:
    virtual ~Paths() = default;

    /// Paths are numbered 0..count()-1; a number keeps its path between two refresh() calls.
    virtual std::size_t count() const = 0;
    /// Whether it is worth sending anything: the kernel calls the path running, and nothing hangs on it.
    virtual bool usable(std::size_t path) const = 0;
    /// Paths that the map can use and that no command can be sent down, in words: "sdf (8:80): Operation not
    /// permitted". They need not be among those that are numbered. Waits for a path that is only blocked.
    virtual std::vector<std::string> out_of_reach() = 0;
    /// "8:16": the device number, which multipathd knows the path by.
    virtual std::string name(std::size_t path) const = 0;
    /// Its two ports, where the transport tells them (FC, SAS, iSCSI).
    virtual std::optional<PortPair> ports(std::size_t path) const = 0;

    virtual PathAnswer send(std::size_t path, const PathCommand& command) = 0;
    /// Each down its own path, all at the same time; the answers in the order of `sendings`.
    virtual std::vector<PathAnswer> send_all(std::span<const Sending> sendings) = 0;

    /// Looks which paths the map has now. Those that stay keep their numbers, but for gaps that are closed.
    virtual void refresh() = 0;
    virtual void pause(std::chrono::milliseconds time) = 0;
};

}  // namespace prh
