// SPDX-License-Identifier: MIT
#include "monitor/event_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "client/printable.h"
#include "client/words.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

/// "2026-01-31T12:00:00.000000Z" with a blank, as people write it.
std::string time_of(const Json& record) {
    std::string time = record.at("time").get<std::string>();
    if (const std::size_t t = time.find('T'); t != std::string::npos) time[t] = ' ';
    return time;
}

std::string device_of(const Json& device) {
    const std::string name = device.value("name", device.value("number", std::string("no device")));
    const Json wwids = device.value("wwids", Json::array());
    return wwids.empty() ? name : fmt::format("{} ({})", name, wwids.at(0).get<std::string>());
}

std::string what_was_sent(const Json& record) {
    std::string text;
    const auto add = [&](std::string_view part) { text += fmt::format(", {}", part); };
    if (record.contains("type_name")) add(record["type_name"].get<std::string>());
    if (record.contains("key")) add("key " + record["key"].get<std::string>());
    if (record.contains("action_key")) add("action key " + record["action_key"].get<std::string>());
    for (const char* const flag : {"aptpl", "unreg", "all_tg_pt", "spec_i_pt", "unverified"})
        if (record.value(flag, false)) add(flag);
    return text;
}

std::string line_of(const Json& record) {
    if (record.value("event", "") == "dropped")
        return fmt::format("({} missing here: this reader was too slow)",
                           count_of(record.at("records").get<std::uint64_t>(), "record"));
    const Json& peer = record.at("peer");
    std::string text = fmt::format("{}  {}  {} on {}{}: {}", time_of(record),
                                   who(peer.value("name", ""), peer.at("pid").get<std::int64_t>()),
                                   record.at("action").get<std::string>(), device_of(record.at("device")),
                                   what_was_sent(record), record.at("status").get<std::string>());
    if (record.contains("sense")) text += ", " + record["sense"].get<std::string>();
    text += fmt::format(" in {}", duration(record.value("device_us", std::uint64_t{0})));
    if (const auto queued = record.value("queued_us", std::uint64_t{0}); queued > 0)
        text += fmt::format(" after waiting {}", duration(queued));
    return text;
}

}  // namespace

std::string event_line(std::string_view record) {
    const Json parsed = Json::parse(record, nullptr, false);
    try {
        return printable(line_of(parsed));
    } catch (const Json::exception&) {
        return printable(record);
    }
}

}  // namespace prh::ctl
