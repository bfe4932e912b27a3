// SPDX-License-Identifier: MIT
// The answer to "state" of a helper that has seen something of everything (doc/control.md).
#pragma once

#include <nlohmann/json.hpp>

namespace prh::test {

inline nlohmann::json recorded_histogram(std::initializer_list<std::pair<std::size_t, std::uint64_t>> counts,
                                         std::uint64_t sum) {
    std::vector<std::uint64_t> all(18, 0);
    std::uint64_t count = 0;
    for (const auto& [index, value] : counts) {
        all[index] = value;
        count += value;
    }
    return {{"counts", all}, {"sum", sum}, {"count", count}};
}

inline nlohmann::json recorded_state() {
    using Json = nlohmann::json;
    const Json array = Json::array();
    Json state;
    state["version"] = 1;
    state["helper"] = {{"program", "qemu-pr-helper"},
                       {"version", "0.1.0"},
                       {"pid", 812},
                       {"started", "2026-01-31T12:00:00.250000Z"},
                       {"uptime_us", 86400000000},
                       {"draining", false},
                       {"shared_nexus", "warn"}};
    state["limits"] = {{"max_connections", 4096},
                       {"max_requests_per_process", 64},
                       {"request_timeout_us", 10000000},
                       {"drain_timeout_us", 60000000},
                       {"device_timeout_us", 30000000}};
    state["counters"] = {{"connections", 12},
                         {"connections_refused", 0},
                         {"connections_refused_of_user", 0},
                         {"connections_refused_of_peers", 0},
                         {"requests", 3456},
                         {"requests_delayed", 5},
                         {"requests_refused", 0},
                         {"connections_overdue", 0},
                         {"protocol_violations", 2},
                         {"shared_nexuses", 0},
                         {"changes_denied", 0},
                         {"requests_abandoned", 0},
                         {"log_lines_left_out", 0},
                         {"audit_dropped", 0}};
    state["connections"] = {
        {{"number", 5},
         {"pid", 4242},
         {"uid", 107},
         {"gid", 107},
         {"name", "VM db1"},
         {"state", "executing"},
         {"device", 2},
         {"action", "PREEMPT"},
         {"age_us", 1500000}},
        {{"number", 6}, {"pid", 4242}, {"uid", 107}, {"gid", 107}, {"name", "VM db1"}, {"state", "idle"}},
        {{"number", 7}, {"pid", 99}, {"uid", 0}, {"gid", 0}, {"state", "receiving"}, {"age_us", 300}}};
    state["devices"] = {
        {{"id", 2},
         {"number", "253:0"},
         {"name", "mpatha"},
         {"kind", "multipath"},
         {"wwids", {"naa.6001405aaaaaaaa1"}},
         {"paths",
          {{{"name", "sda"}, {"number", "8:0"}, {"address", "2:0:0:0"}, {"state", "running"}},
           {{"name", "sdb"}, {"number", "8:16"}, {"address", "3:0:0:0"}, {"state", "transport-offline"}}}},
         {"registrants", {{{"pid", 4242}, {"name", "VM db1"}}}},
         {"results", {{"GOOD", 99}, {"RESERVATION CONFLICT", 1}, {"CHECK CONDITION, \"odd\" \\ one", 3}}},
         {"last",
          {{"time", "2026-01-31T12:00:01.000000Z"},
           {"pid", 4242},
           {"name", "VM db1"},
           {"action", "RESERVE"},
           {"status", "GOOD"},
           {"device_us", 812}}},
         {"device_us", recorded_histogram({{2, 90}, {3, 9}, {17, 1}}, 35081234)}},
        {{"id", 3},
         {"number", "8:32"},
         {"name", "sdc"},
         {"kind", "disk"},
         {"wwids", array},
         {"paths", array},
         {"registrants", array},
         {"results", Json::object()},
         {"device_us", recorded_histogram({}, 0)}}};
    state["bounds_us"] = {100,    250,    500,    1000,    2500,    5000,    10000,    25000,   50000,
                          100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000};
    state["queued_us"] = recorded_histogram({{0, 3451}, {3, 5}}, 4100);
    state["device_us"] = recorded_histogram({{2, 90}, {3, 9}, {17, 1}}, 35081234);
    return state;
}

}  // namespace prh::test
