// SPDX-License-Identifier: MIT
#include "monitor/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "client/printable.h"
#include "client/table.h"
#include "client/words.h"
#include "monitor/counters.h"

namespace prh::ctl {
namespace {

std::string paths_of(const DeviceState& device) {
    return device.paths.empty() ? "-" : fmt::format("{}/{}", device.paths_up(), device.paths.size());
}

std::string quantiles_of(const Histogram& histogram) {
    if (histogram.total() == 0) return "-";
    return fmt::format("{} / {}", duration(quantile(histogram, 0.5)), duration(quantile(histogram, 0.99)));
}

std::string last_of(const DeviceState& device) {
    if (!device.last) return "-";
    return fmt::format("{}: {}", device.last->action, device.last->status);
}

std::string devices_table(const HelperState& state) {
    Table table({"DEVICE", "KIND", "WWID", "PATHS UP", "REGISTERED", "COMMANDS", "P50 / P99", "LAST"});
    for (const DeviceState& device : state.devices) {
        std::uint64_t commands = 0;
        for (const auto& [result, count] : device.results) commands += count;
        table.add({device.title(), device.kind, device.wwids.empty() ? "-" : device.wwids.front(),
                   paths_of(device), std::to_string(device.registrants.size()), std::to_string(commands),
                   quantiles_of(device.device_us), last_of(device)});
    }
    return table.text();
}

std::string section(std::string_view title, const std::string& table, std::string_view otherwise) {
    if (table.empty()) return fmt::format("\n{}: {}\n", title, otherwise);
    return fmt::format("\n{}:\n{}", title, table);
}

}  // namespace

std::string helper_line(const HelperState& state) {
    return printable(fmt::format("{} {}, pid {}, up {}{}, {} in {}, {} open", state.helper.program,
                                 state.helper.version, state.helper.pid, duration(state.helper.uptime_us),
                                 state.helper.draining ? ", ENDING (it drains)" : "",
                                 count_of(state.counter("requests"), "request"),
                                 count_of(state.counter("connections"), "connection"),
                                 state.connections.size())) +
           "\n";
}

std::string alarming_counters(const HelperState& state) {
    Table table({"COUNT", "WHAT"});
    for (const KnownCounter& counter : kCounters)
        if (const std::uint64_t count = state.counter(std::string(counter.name));
            counter.alarming && count > 0)
            table.add({std::to_string(count), std::string(counter.meaning)});
    return table.text();
}

std::string clients_table(const HelperState& state) {
    struct Client {
        std::size_t connections = 0, in_flight = 0;
        std::int64_t uid = 0;
    };
    std::map<std::pair<std::string, std::int64_t>, Client> clients;
    for (const ConnectionState& connection : state.connections) {
        Client& client = clients[{connection.name, connection.pid}];
        ++client.connections;
        client.in_flight += connection.in_flight();
        client.uid = connection.uid;
    }
    Table table({"CLIENT", "PID", "UID", "CONNECTIONS", "IN FLIGHT"});
    for (const auto& [key, client] : clients)
        table.add({key.first.empty() ? "-" : key.first, std::to_string(key.second),
                   std::to_string(client.uid), std::to_string(client.connections),
                   std::to_string(client.in_flight)});
    return table.text();
}

std::string in_flight_table(const HelperState& state) {
    std::vector<const ConnectionState*> busy;
    for (const ConnectionState& connection : state.connections)
        if (connection.state != "idle") busy.push_back(&connection);
    std::sort(busy.begin(), busy.end(), [](const ConnectionState* a, const ConnectionState* b) {
        return a->age_us.value_or(0) > b->age_us.value_or(0);
    });
    Table table({"FOR", "STATE", "DEVICE", "ACTION", "CLIENT"});
    for (const ConnectionState* connection : busy) {
        const DeviceState* const device = connection->device ? state.device(*connection->device) : nullptr;
        table.add({connection->age_us ? duration(*connection->age_us) : "-", connection->state,
                   device != nullptr ? device->title() : "-",
                   connection->action.empty() ? "-" : connection->action,
                   who(connection->name, connection->pid)});
    }
    return table.text();
}

std::string render_status(const HelperState& state) {
    std::string text = helper_line(state);
    if (const std::string alarming = alarming_counters(state); !alarming.empty())
        text += "\nWorth a look, since the start:\n" + alarming;
    text += section("Devices", devices_table(state), "no request has been made for one");
    text += section("Clients", clients_table(state), "none is connected");
    text += section("In flight", in_flight_table(state), "nothing");
    return text;
}

}  // namespace prh::ctl
