// SPDX-License-Identifier: MIT
// What a server is doing at one moment, and has done: plain values, for those who ask (doc/control.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "os/system_call_filter.h"
#include "os/unix_socket.h"
#include "server/device_ledger.h"
#include "server/limits.h"
#include "server/policy.h"

namespace prh {

enum class ConnectionActivity {
    Idle,
    Receiving,  ///< the handshake or the rest of a request is awaited
    Waiting,    ///< for another request of its process (--max-requests-per-process)
    Executing,
    Answering,  ///< the client does not take the reply
};

struct ConnectionState {
    std::uint64_t number = 0;
    PeerCredentials peer;
    std::string peer_name;  ///< empty where it is not known
    ConnectionActivity activity = ConnectionActivity::Idle;
    std::chrono::microseconds age{0};  ///< for which it has been so; zero for Idle
    std::uint32_t device = 0;          ///< while it executes: DeviceLedger's number, 0 where it is none
    std::string action;                ///< while it executes: "PREEMPT"
};

struct DeviceState {
    DeviceLedger::Device device;
    std::vector<DevicePath> paths;
    /// Clients that are registered through one of its nexuses, as far as this process has seen it.
    std::vector<std::pair<pid_t, std::string>> registrants;
};

struct ServerState {
    bool draining = false;
    Limits limits;
    SharedNexus shared_nexus = SharedNexus::Warn;
    std::vector<std::pair<std::string, std::uint64_t>> counters;
    std::vector<ConnectionState> connections;
    std::vector<DeviceState> devices;
    std::vector<Dependency> dependencies;
    Histogram::Figures queued;
    Histogram::Figures on_device;
};

/// What stays the same while the program runs.
struct HelperFacts {
    std::string program;
    std::chrono::system_clock::time_point started;
    std::optional<std::chrono::milliseconds> device_timeout;  ///< --timeout, where there is one
    FilterMode filter = FilterMode::Enforce;                  ///< --seccomp
    int landlock = 0;  ///< version of the Landlock that is in force; 0: none
};

/// In one line, as doc/control.md describes it. `now` is the time of `state`.
std::string to_json(const HelperFacts& helper, const ServerState& state,
                    std::chrono::system_clock::time_point now);

}  // namespace prh
