// SPDX-License-Identifier: MIT
#include "monitor/watch_frame.h"

#include <fmt/format.h>

#include "client/printable.h"
#include "client/table.h"
#include "client/words.h"
#include "monitor/status.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

std::string heading(const DeviceState& device) {
    std::string text = fmt::format("{}  {}", device.title(), device.kind);
    if (!device.wwids.empty()) text += "  " + device.wwids.front();
    if (!device.paths.empty()) {
        text += fmt::format("  paths {}/{} up", device.paths_up(), device.paths.size());
        for (const PathState& path : device.paths)
            if (!path.up())
                text += fmt::format(", {} {}", path.name, path.state.empty() ? "gone" : path.state);
    }
    return text;
}

std::string registrations(const DeviceState& device, const DiskAnswer& answer, const KeyOwners& owners) {
    Table table({"KEY", "HOLDS", "INITIATOR PORT", "TARGET PORT", "REGISTERED BY"});
    const auto or_dash = [](std::string text) { return text.empty() ? std::string("-") : text; };
    for (const DiskRegistration& one : answer.registrations) {
        const std::string key = to_string(one.key);
        table.add({key, one.holder ? "yes" : "-", or_dash(one.initiator), or_dash(one.target_port),
                   or_dash(owners.of(device.name, key))});
    }
    return table.text("    ");
}

std::string device_block(const HelperState& state, const DeviceState& device, const DiskView& disk,
                         const KeyOwners& owners, std::int64_t hidden) {
    std::string text = printable(heading(device)) + "\n";
    const auto line = [&](const std::string& words) { text += "    " + printable(words) + "\n"; };
    if (disk.answer) line(fmt::format("held by: {}", holder_of(*disk.answer)));
    if (!disk.problem.empty())
        line(fmt::format("keys and holder {}: {}", disk.answer ? "are of before" : "unknown", disk.problem));
    if (disk.answer && disk.answer->registrations.empty()) line("no keys are registered");
    if (disk.answer) text += registrations(device, *disk.answer, owners);
    std::string registrants;
    for (const Registrant& one : device.registrants)
        registrants += (registrants.empty() ? "" : ", ") + who(one.name, one.pid);
    if (!registrants.empty()) line("registered through this helper: " + registrants);
    for (const ConnectionState& connection : state.connections)
        if (connection.state == "executing" && connection.device == device.id)
            line(fmt::format("in flight for {}: {} of {}", duration(connection.age_us.value_or(0)),
                             connection.action, who(connection.name, connection.pid)));
    if (device.last && device.last->pid != hidden)
        line(fmt::format("last: {} of {}: {} in {}", device.last->action,
                         who(device.last->name, device.last->pid), device.last->status,
                         duration(device.last->device_us)));
    return text;
}

}  // namespace

std::string watch_frame(const HelperState& state, const DiskViews& disks, const KeyOwners& owners,
                        std::int64_t hidden) {
    HelperState shown = state;
    std::erase_if(shown.connections, [hidden](const ConnectionState& c) { return c.pid == hidden; });
    std::string text = helper_line(shown);
    if (const std::string alarming = alarming_counters(shown); !alarming.empty()) text += "\n" + alarming;
    for (const DeviceState& device : shown.devices) {
        const auto disk = disks.find(device.id);
        text += "\n" +
                device_block(shown, device, disk == disks.end() ? DiskView{} : disk->second, owners, hidden);
    }
    if (shown.devices.empty()) text += "\nNo request has been made for a disk yet.\n";
    if (const std::string clients = clients_table(shown); !clients.empty()) text += "\n" + clients;
    if (const std::string busy = in_flight_table(shown); !busy.empty()) text += "\n" + busy;
    return text;
}

std::string clip(const std::string& text, std::size_t rows, std::size_t columns) {
    std::vector<std::string> lines(1);
    std::size_t column = 0;
    for (const char c : text) {
        const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // of a character of UTF-8
        if (c == '\n') {
            lines.emplace_back();
            column = 0;
        } else if ((continues ? column : ++column) <= columns) {
            lines.back() += c;
        }
    }
    if (lines.back().empty()) lines.pop_back();
    if (lines.size() > rows && rows > 0) {
        const std::size_t hidden = lines.size() - rows + 1;
        lines.resize(rows);
        lines.back() = fmt::format("... {} more", count_of(hidden, "line")).substr(0, columns);
    }
    std::string clipped;
    for (const std::string& line : lines) clipped += line + "\n";
    return clipped;
}

}  // namespace prh::ctl
