// SPDX-License-Identifier: MIT
#include "server/server_state.h"

#include <unistd.h>

#include "base/version.h"
#include "observe/json_object.h"
#include "scsi/names.h"
#include "server/timestamp.h"

namespace prh {
namespace {

using std::chrono::duration_cast, std::chrono::microseconds;

std::string_view name(ConnectionActivity activity) {
    switch (activity) {
        case ConnectionActivity::Idle: return "idle";
        case ConnectionActivity::Receiving: return "receiving";
        case ConnectionActivity::Waiting: return "waiting";
        case ConnectionActivity::Executing: return "executing";
        case ConnectionActivity::Answering: return "answering";
    }
    return "?";
}

std::string_view name(SharedNexus mode) {
    switch (mode) {
        case SharedNexus::Warn: return "warn";
        case SharedNexus::Deny: return "deny";
        case SharedNexus::Allow: return "allow";
    }
    return "?";
}

std::string_view name(FilterMode mode) {
    switch (mode) {
        case FilterMode::Enforce: return "enforce";
        case FilterMode::Log: return "log";
        case FilterMode::Off: return "off";
    }
    return "?";
}

template <class Duration>
std::int64_t us(Duration time) {
    return duration_cast<microseconds>(time).count();
}

JsonObject json_of(const Histogram::Figures& figures) {
    JsonObject object;
    object.add("counts", figures.counts)
        .add("sum", static_cast<std::int64_t>(figures.sum))
        .add("count", static_cast<std::int64_t>(figures.count));
    return object;
}

JsonObject json_of(const ConnectionState& connection) {
    JsonObject object;
    object.add("number", static_cast<std::int64_t>(connection.number))
        .add("pid", std::int64_t{connection.peer.pid})
        .add("uid", std::int64_t{connection.peer.uid})
        .add("gid", std::int64_t{connection.peer.gid});
    if (!connection.peer_name.empty()) object.add("name", connection.peer_name);
    object.add("state", name(connection.activity));
    if (connection.device != 0) object.add("device", std::int64_t{connection.device});
    if (!connection.action.empty()) object.add("action", connection.action);
    if (connection.activity != ConnectionActivity::Idle) object.add("age_us", us(connection.age));
    return object;
}

JsonObject json_of(const DevicePath& path) {
    JsonObject object;
    return object.add("name", path.name)
        .add("number", path.number)
        .add("address", path.address)
        .add("state", path.state);
}

JsonObject json_of(const Dependency& dependency) {
    JsonObject object;
    object.add("name", dependency.name).add("state", dependency.state);
    if (!dependency.problem.empty()) object.add("problem", dependency.problem);
    return object;
}

JsonObject json_of(const LastCommand& last) {
    JsonObject object;
    object.add("time", timestamp(last.time)).add("pid", std::int64_t{last.client->credentials().pid});
    if (!last.client->name().empty()) object.add("name", last.client->name());
    object.add("action", last.action).add("status", prh::name(last.result.status));
    if (const auto code = last.result.sense.code()) object.add("sense", to_string(*code));
    return object.add("device_us", us(last.on_device));
}

JsonObject json_of(const DeviceState& state) {
    const DeviceIdentity& identity = state.device.identity;
    std::vector<JsonObject> paths;
    for (const DevicePath& path : state.paths) paths.push_back(json_of(path));
    std::vector<JsonObject> registrants;
    for (const auto& [pid, peer_name] : state.registrants) {
        registrants.emplace_back().add("pid", std::int64_t{pid});
        if (!peer_name.empty()) registrants.back().add("name", peer_name);
    }
    JsonObject results;
    for (const auto& [words, count] : state.device.results)
        results.add(words, static_cast<std::int64_t>(count));

    JsonObject object;
    object.add("id", std::int64_t{state.device.id}).add("number", identity.number).add("name", identity.name);
    object.add("kind", prh::name(identity.kind)).add("wwids", identity.wwids).add("paths", paths);
    object.add("registrants", registrants).add("results", results);
    if (state.device.last.time.time_since_epoch().count() != 0)
        object.add("last", json_of(state.device.last));
    return object.add("device_us", json_of(state.device.on_device));
}

JsonObject json_of(const Limits& limits, std::optional<std::chrono::milliseconds> device_timeout) {
    JsonObject object;
    object.add("max_connections", static_cast<std::int64_t>(limits.max_connections))
        .add("max_requests_per_process", static_cast<std::int64_t>(limits.max_requests_per_process))
        .add("request_timeout_us", us(limits.request_timeout))
        .add("drain_timeout_us", us(limits.drain_timeout));
    if (device_timeout) object.add("device_timeout_us", us(*device_timeout));
    return object;
}

}  // namespace

std::string to_json(const HelperFacts& helper, const ServerState& state,
                    std::chrono::system_clock::time_point now) {
    JsonObject who;
    who.add("program", helper.program).add("version", PRH_VERSION).add("pid", std::int64_t{::getpid()});
    who.add("started", timestamp(helper.started)).add("uptime_us", us(now - helper.started));
    who.add("draining", state.draining).add("shared_nexus", name(state.shared_nexus));
    JsonObject counters;
    for (const auto& [counter, value] : state.counters)
        counters.add(counter, static_cast<std::int64_t>(value));
    std::vector<JsonObject> connections, devices, dependencies;
    for (const ConnectionState& connection : state.connections) connections.push_back(json_of(connection));
    for (const DeviceState& device : state.devices) devices.push_back(json_of(device));
    for (const Dependency& one : state.dependencies) dependencies.push_back(json_of(one));

    JsonObject object;
    JsonObject confinement;
    confinement.add("seccomp", name(helper.filter)).add("landlock", std::int64_t{helper.landlock});
    object.add("version", std::int64_t{1}).add("helper", who).add("confinement", confinement);
    object.add("limits", json_of(state.limits, helper.device_timeout)).add("counters", counters);
    object.add("connections", connections).add("devices", devices);
    object.add("dependencies", dependencies);
    object.add("bounds_us", std::vector<std::uint64_t>(Histogram::kBounds.begin(), Histogram::kBounds.end()));
    object.add("queued_us", json_of(state.queued)).add("device_us", json_of(state.on_device));
    return object.text();
}

}  // namespace prh
