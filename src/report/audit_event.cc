// SPDX-License-Identifier: MIT
#include "report/audit_event.h"

#include <ctime>
#include <nlohmann/json.hpp>

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

std::string text(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

bool flag(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::vector<std::string> texts(const Json& object, const char* name) {
    std::vector<std::string> list;
    const auto found = object.find(name);
    if (found == object.end() || !found->is_array()) return list;
    for (const Json& one : *found)
        if (one.is_string()) list.push_back(one.get<std::string>());
    return list;
}

const Json& member(const Json& object, const char* name) {
    static const Json nothing = Json::object();
    const auto found = object.find(name);
    return found != object.end() && found->is_object() ? *found : nothing;
}

}  // namespace

std::optional<std::int64_t> parse_timestamp(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr) return std::nullopt;
    std::int64_t fraction = 0, unit = 100'000;
    if (*rest == '.')
        for (++rest; *rest >= '0' && *rest <= '9'; ++rest, unit /= 10) fraction += (*rest - '0') * unit;
    if (std::string_view(rest) != "Z") return std::nullopt;
    return static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000 + fraction;
}

std::optional<AuditEvent> parse_audit_line(std::string_view line, const std::string& host) {
    const Json record = Json::parse(line, nullptr, false);
    if (!record.is_object()) return std::nullopt;
    AuditEvent event;
    event.host = host;
    const std::string kind = text(record, "event");
    if (kind == "dropped") {
        event.kind = AuditEvent::Kind::Dropped;
        event.records = number(record, "records");
        return event;
    }
    const auto time = parse_timestamp(text(record, "time"));
    event.action = text(record, "action");
    event.status = text(record, "status");
    const bool out = kind == "out" || kind == "cleanup";
    if ((!out && kind != "in") || !time || event.action.empty() || event.status.empty()) return std::nullopt;
    event.kind = out ? AuditEvent::Kind::Out : AuditEvent::Kind::In;
    event.time = *time;
    const Json& peer = member(record, "peer");
    event.pid = number(peer, "pid");
    event.uid = number(peer, "uid");
    event.name = text(peer, "name");
    const Json& device = member(record, "device");
    event.number = text(device, "number");
    event.device = text(device, "name");
    event.wwids = texts(device, "wwids");
    event.paths = texts(device, "paths");
    event.sent = !texts(record, "paths_used").empty();
    event.type = static_cast<int>(number(record, "type"));
    event.key = text(record, "key");
    event.action_key = text(record, "action_key");
    event.aptpl = flag(record, "aptpl");
    event.unreg = flag(record, "unreg");
    event.sense = text(record, "sense");
    event.queued_us = number(record, "queued_us");
    event.device_us = number(record, "device_us");
    return event;
}

}  // namespace prh::ctl
