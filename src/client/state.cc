// SPDX-License-Identifier: MIT
#include "client/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

/// What is wrong, by the way to it: "devices[0].paths: it is missing".
struct Malformed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A value of the document, and the way to it.
class Node {
  public:
    Node(const Json& value, std::string way) : value_(value), way_(std::move(way)) {}

    /// Null where it is absent: that is for as_optional().
    Node operator[](const char* name) const {
        static const Json absent;
        if (!value_.is_object()) refuse("no object");
        const auto found = value_.find(name);
        return {found == value_.end() ? absent : *found, way_.empty() ? name : way_ + "." + name};
    }
    bool there() const { return !value_.is_null(); }

    std::string text() const {
        if (!value_.is_string()) refuse("no text");
        return value_.get<std::string>();
    }
    std::string text_or_empty() const { return there() ? text() : std::string(); }
    bool flag() const {
        if (!value_.is_boolean()) refuse("neither true nor false");
        return value_.get<bool>();
    }
    std::int64_t number() const {
        if (!value_.is_number_integer()) refuse("no integer");
        return value_.get<std::int64_t>();
    }
    std::uint64_t count() const {
        if (!value_.is_number_unsigned()) refuse("no count");
        return value_.get<std::uint64_t>();
    }

    template <class T, class Read>
    std::vector<T> list(Read read) const {
        if (!value_.is_array()) refuse("no array");
        std::vector<T> all;
        for (std::size_t i = 0; i < value_.size(); ++i)
            all.push_back(read(Node(value_[i], fmt::format("{}[{}]", way_, i))));
        return all;
    }
    /// Members whose value is a count; others are of a newer helper.
    std::map<std::string, std::uint64_t> counts() const {
        if (!value_.is_object()) refuse("no object");
        std::map<std::string, std::uint64_t> all;
        for (const auto& [name, value] : value_.items())
            if (value.is_number_unsigned()) all[name] = value.get<std::uint64_t>();
        return all;
    }

    [[noreturn]] void refuse(std::string_view what) const {
        throw Malformed(
            fmt::format("{}: it is {}", way_.empty() ? "the answer" : way_, there() ? what : "missing"));
    }

  private:
    const Json& value_;
    std::string way_;
};

Histogram histogram_of(const Node& node, const std::vector<std::uint64_t>& bounds) {
    Histogram histogram;
    histogram.bounds_us = bounds;
    histogram.counts = node["counts"].list<std::uint64_t>([](const Node& n) { return n.count(); });
    if (histogram.counts.size() != bounds.size() + 1)
        node["counts"].refuse(fmt::format("of {} numbers, and bounds_us asks for {}", histogram.counts.size(),
                                          bounds.size() + 1));
    histogram.sum_us = node["sum"].count();
    return histogram;
}

HelperFacts helper_of(const Node& node) {
    return {node["program"].text(),
            node["version"].text(),
            node["pid"].number(),
            node["started"].text(),
            node["uptime_us"].count(),
            node["draining"].flag(),
            node["shared_nexus"].text_or_empty()};
}

Confinement confinement_of(const Node& node) { return {node["seccomp"].text(), node["landlock"].number()}; }

ConnectionState connection_of(const Node& node) {
    ConnectionState connection;
    connection.number = node["number"].count();
    connection.pid = node["pid"].number();
    connection.uid = node["uid"].number();
    connection.name = node["name"].text_or_empty();
    connection.state = node["state"].text();
    if (const Node device = node["device"]; device.there()) connection.device = device.count();
    connection.action = node["action"].text_or_empty();
    if (const Node age = node["age_us"]; age.there()) connection.age_us = age.count();
    return connection;
}

PathState path_of(const Node& node) {
    return {node["name"].text(), node["number"].text(), node["address"].text_or_empty(),
            node["state"].text_or_empty()};
}

Registrant registrant_of(const Node& node) { return {node["pid"].number(), node["name"].text_or_empty()}; }

LastCommand last_of(const Node& node) {
    return {node["time"].text(),   node["pid"].number(),  node["name"].text_or_empty(),
            node["action"].text(), node["status"].text(), node["device_us"].count()};
}

DeviceState device_of(const Node& node, const std::vector<std::uint64_t>& bounds) {
    DeviceState device;
    device.id = node["id"].count();
    device.number = node["number"].text_or_empty();
    device.name = node["name"].text_or_empty();
    device.kind = node["kind"].text_or_empty();
    device.wwids = node["wwids"].list<std::string>([](const Node& n) { return n.text(); });
    device.paths = node["paths"].list<PathState>(path_of);
    device.registrants = node["registrants"].list<Registrant>(registrant_of);
    device.results = node["results"].counts();
    if (const Node last = node["last"]; last.there()) device.last = last_of(last);
    device.device_us = histogram_of(node["device_us"], bounds);
    return device;
}

DependencyState dependency_of(const Node& node) {
    return {node["name"].text(), node["state"].text(), node["problem"].text_or_empty()};
}

HelperState state_of(const Node& node) {
    constexpr std::int64_t kVersion = 1;
    if (const std::int64_t version = node["version"].number(); version != kVersion)
        node["version"].refuse(
            fmt::format("{}, and this program understands {}: take a prhelperctl of the "
                        "helper's version",
                        version, kVersion));
    const auto bounds = node["bounds_us"].list<std::uint64_t>([](const Node& n) { return n.count(); });
    if (!std::is_sorted(bounds.begin(), bounds.end())) node["bounds_us"].refuse("not ascending");
    HelperState state;
    state.helper = helper_of(node["helper"]);
    if (const Node confinement = node["confinement"]; confinement.there())
        state.confinement = confinement_of(confinement);
    state.limits = node["limits"].counts();
    state.counters = node["counters"].counts();
    state.connections = node["connections"].list<ConnectionState>(connection_of);
    state.devices = node["devices"].list<DeviceState>([&](const Node& n) { return device_of(n, bounds); });
    if (const Node dependencies = node["dependencies"]; dependencies.there())
        state.dependencies = dependencies.list<DependencyState>(dependency_of);
    state.queued_us = histogram_of(node["queued_us"], bounds);
    state.device_us = histogram_of(node["device_us"], bounds);
    return state;
}

}  // namespace

std::size_t DeviceState::paths_up() const {
    return static_cast<std::size_t>(
        std::count_if(paths.begin(), paths.end(), [](const PathState& path) { return path.up(); }));
}

std::uint64_t HelperState::counter(const std::string& name) const {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
}

const DeviceState* HelperState::device(std::uint64_t id) const {
    const auto found =
        std::find_if(devices.begin(), devices.end(), [id](const DeviceState& d) { return d.id == id; });
    return found == devices.end() ? nullptr : &*found;
}

Expected<HelperState> parse_state(std::string_view line) {
    const Json document = Json::parse(line, nullptr, false);
    if (document.is_discarded())
        return fail(ExitCode::MalformedAnswer,
                    "the answer of the control socket is no JSON: it is no helper's");
    if (document.is_object() && document.contains("error") && document["error"].is_string())
        return fail(ExitCode::Other, "the helper refuses: " + document["error"].get<std::string>());
    try {
        return state_of(Node(document, ""));
    } catch (const Malformed& wrong) {
        return fail(ExitCode::MalformedAnswer,
                    fmt::format("the answer of the control socket is not as doc/control.md has it: {}",
                                wrong.what()));
    }
}

}  // namespace prh::ctl
