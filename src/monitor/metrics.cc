// SPDX-License-Identifier: MIT
#include "monitor/metrics.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <map>

#include "monitor/counters.h"

namespace prh::ctl {
namespace {

constexpr std::array<std::string_view, 5> kConnectionStates{"idle", "receiving", "waiting", "executing",
                                                            "answering"};

/// What the helper tells of the devices that Prometheus cannot tell apart: a name and a WWID may have been
/// another device's before, which is remembered too, and a series may be given once.
struct DeviceSeries {
    Labels labels;
    const DeviceState* latest = nullptr;
    std::map<std::string, std::uint64_t> results;
    Histogram device_us;
    std::uint64_t in_flight = 0;
    std::uint64_t oldest_us = 0;
};

std::vector<DeviceSeries> series_of(const HelperState& state) {
    std::map<std::pair<std::string, std::string>, DeviceSeries> all;
    for (const DeviceState& device : state.devices) {
        const std::string wwid = device.wwids.empty() ? "" : device.wwids.front();
        DeviceSeries& series = all[{device.title(), wwid}];
        series.labels = {{"device", device.title()}, {"wwid", wwid}};
        if (series.latest == nullptr || series.latest->id < device.id) series.latest = &device;
        for (const auto& [result, count] : device.results) series.results[result] += count;
        series.device_us += device.device_us;
        for (const ConnectionState& connection : state.connections) {
            if (connection.state != "executing" || connection.device != device.id) continue;
            ++series.in_flight;
            series.oldest_us = std::max(series.oldest_us, connection.age_us.value_or(0));
        }
    }
    std::vector<DeviceSeries> list;
    for (auto& [key, series] : all) list.push_back(std::move(series));
    return list;
}

Labels with(Labels labels, std::string_view name, std::string value) {
    labels.emplace_back(name, std::move(value));
    return labels;
}

/// "2026-01-31T12:00:00.000000Z" since the epoch; zero if it is something else.
std::uint64_t microseconds_of(const std::string& time) {
    std::tm parts{};
    const char* const rest = ::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr) return 0;
    std::uint64_t fraction = 0, unit = 100'000;
    for (const char* at = rest + 1; *rest == '.' && *at >= '0' && *at <= '9'; ++at, unit /= 10)
        fraction += static_cast<std::uint64_t>(*at - '0') * unit;
    return static_cast<std::uint64_t>(::timegm(&parts)) * 1'000'000 + fraction;
}

void write_helper(ExpositionWriter& out, const HelperState& state) {
    out.gauge("prhelper_up", "Whether the helper answers at its control socket.");
    out.sample({}, 1);
    out.gauge("prhelper_build_info", "The program that serves, and its version.");
    out.sample({{"program", state.helper.program}, {"version", state.helper.version}}, 1);
    out.gauge("prhelper_start_time_seconds", "When the helper was started, since the epoch.");
    out.sample_seconds({}, microseconds_of(state.helper.started));
    out.gauge("prhelper_draining", "Whether the helper is ending and answers what is in flight.");
    out.sample({}, state.helper.draining ? 1 : 0);
    for (const KnownCounter& counter : kCounters) {
        out.counter(fmt::format("prhelper_{}", counter.name), fmt::format("{}.", counter.meaning));
        out.sample({}, state.counter(std::string(counter.name)));
    }
}

void write_connections(ExpositionWriter& out, const HelperState& state) {
    out.gauge("prhelper_open_connections", "Connections that are open, by what they are doing.");
    for (const std::string_view what : kConnectionStates)
        out.sample({{"state", std::string(what)}},
                   static_cast<std::uint64_t>(
                       std::count_if(state.connections.begin(), state.connections.end(),
                                     [&](const ConnectionState& c) { return c.state == what; })));
    if (const auto limit = state.limits.find("max_connections"); limit != state.limits.end()) {
        out.gauge("prhelper_open_connections_limit", "How many connections may be open (--max-connections).");
        out.sample({}, limit->second);
    }
    std::uint64_t oldest = 0;
    for (const ConnectionState& connection : state.connections)
        if (connection.in_flight()) oldest = std::max(oldest, connection.age_us.value_or(0));
    out.gauge("prhelper_oldest_request_age_seconds",
              "For how long the request that waits or executes longest has done so; 0 without any.");
    out.sample_seconds({}, oldest);
    out.histogram("prhelper_queue_duration_seconds",
                  "How long requests waited for others of their process (--max-requests-per-process).");
    out.sample({}, state.queued_us);
    out.histogram("prhelper_command_duration_seconds", "How long commands took on their devices.");
    out.sample({}, state.device_us);
}

void write_results(ExpositionWriter& out, const std::vector<DeviceSeries>& all) {
    out.counter("prhelper_device_commands", "Commands for the device, by the status that was answered.");
    for (const DeviceSeries& series : all) {
        std::size_t shown = 0;
        std::uint64_t other = 0;
        for (const auto& [result, count] : series.results) {
            if (shown++ < kMaximumResults)
                out.sample(with(series.labels, "result", result), count);
            else
                other += count;
        }
        if (other > 0) out.sample(with(series.labels, "result", "other"), other);
    }
}

void write_devices(ExpositionWriter& out, const std::vector<DeviceSeries>& all) {
    if (all.empty()) return;  // a family without samples is no use to anybody
    out.gauge("prhelper_device_info", "The device that name and WWID stand for.");
    for (const DeviceSeries& series : all)
        out.sample(with(with(series.labels, "kind", series.latest->kind), "number", series.latest->number),
                   1);
    write_results(out, all);
    out.gauge("prhelper_device_requests_in_flight", "Requests that the device has not answered yet.");
    for (const DeviceSeries& series : all) out.sample(series.labels, series.in_flight);
    out.gauge("prhelper_device_oldest_request_age_seconds",
              "For how long the device has owed the answer that it owes longest; 0 without any.");
    for (const DeviceSeries& series : all) out.sample_seconds(series.labels, series.oldest_us);
    out.gauge("prhelper_device_registrants",
              "Clients of this helper that have registered with the device since the helper was started.");
    for (const DeviceSeries& series : all) out.sample(series.labels, series.latest->registrants.size());
    if (std::any_of(all.begin(), all.end(), [](const auto& s) { return !s.latest->paths.empty(); })) {
        out.gauge("prhelper_device_paths",
                  "Paths to the device: those that the kernel calls running are up.");
        for (const DeviceSeries& series : all) {
            if (series.latest->paths.empty()) continue;
            const std::size_t up = series.latest->paths_up();
            out.sample(with(series.labels, "state", "up"), up);
            out.sample(with(series.labels, "state", "down"), series.latest->paths.size() - up);
        }
    }
    out.histogram("prhelper_device_command_duration_seconds", "How long commands took on the device.");
    for (const DeviceSeries& series : all) out.sample(series.labels, series.device_us);
}

}  // namespace

std::string render_metrics(const HelperState& state, Exposition format) {
    ExpositionWriter out(format);
    write_helper(out, state);
    write_connections(out, state);
    write_devices(out, series_of(state));
    return out.text();
}

std::string render_metrics_of_absent(Exposition format) {
    ExpositionWriter out(format);
    out.gauge("prhelper_up", "Whether the helper answers at its control socket.");
    out.sample({}, 0);
    return out.text();
}

}  // namespace prh::ctl
