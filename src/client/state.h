// SPDX-License-Identifier: MIT
// What a helper says of itself (doc/control.md, "state"), as values. Pure. Members that nobody here knows are
// passed over, so a newer helper is understood; what is missing or of another type is an error with its name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/failure.h"
#include "client/histogram.h"

namespace prh::ctl {

struct HelperFacts {
    std::string program;
    std::string version;
    std::int64_t pid = 0;
    std::string started;  ///< RFC 3339, UTC
    std::uint64_t uptime_us = 0;
    bool draining = false;
    std::string shared_nexus;
};

/// What the helper's process cannot do.
struct Confinement {
    std::string seccomp;        ///< enforce, log, off
    std::int64_t landlock = 0;  ///< version of the Landlock that is in force; 0: none
};

struct ConnectionState {
    std::uint64_t number = 0;
    std::int64_t pid = 0;
    std::int64_t uid = 0;
    std::string name;   ///< "VM db1"; empty where it is not known
    std::string state;  ///< idle, receiving, waiting, executing, answering
    std::optional<std::uint64_t> device;
    std::string action;
    std::optional<std::uint64_t> age_us;

    bool in_flight() const { return state == "executing" || state == "waiting"; }
};

struct PathState {
    std::string name;
    std::string number;
    std::string address;
    std::string state;  ///< the kernel's word

    bool up() const { return state == "running"; }
};

struct Registrant {
    std::int64_t pid = 0;
    std::string name;
};

struct LastCommand {
    std::string time;
    std::int64_t pid = 0;
    std::string name;
    std::string action;
    std::string status;
    std::uint64_t device_us = 0;
};

struct DeviceState {
    std::uint64_t id = 0;
    std::string number;
    std::string name;
    std::string kind;
    std::vector<std::string> wwids;
    std::vector<PathState> paths;
    std::vector<Registrant> registrants;
    std::map<std::string, std::uint64_t> results;
    std::optional<LastCommand> last;
    Histogram device_us;

    const std::string& title() const { return name.empty() ? number : name; }
    std::size_t paths_up() const;
};

/// What the helper needs beside its disks.
struct DependencyState {
    std::string name;     ///< "multipathd"
    std::string state;    ///< connected, asked, silent, unreachable
    std::string problem;  ///< empty where it is connected
};

struct HelperState {
    HelperFacts helper;
    std::optional<Confinement> confinement;  ///< nothing where the helper is of an older version
    std::map<std::string, std::uint64_t> limits;
    std::map<std::string, std::uint64_t> counters;
    std::vector<ConnectionState> connections;
    std::vector<DeviceState> devices;
    std::vector<DependencyState> dependencies;  ///< empty also where the helper is of an older version
    Histogram queued_us;
    Histogram device_us;

    std::uint64_t counter(const std::string& name) const;  ///< zero where the helper has none of that name
    const DeviceState* device(std::uint64_t id) const;
};

Expected<HelperState> parse_state(std::string_view line);

}  // namespace prh::ctl
