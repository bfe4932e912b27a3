// SPDX-License-Identifier: MIT
#include "report/report_page.h"

#include <nlohmann/json.hpp>

#include "base/version.h"
#include "report/page.h"

namespace prh::ctl {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson json_of(const Span& span) {
    OrderedJson object{{"row", span.row}, {"from", span.from}, {"key", span.key}};
    if (span.until) object["until"] = *span.until;
    if (span.type != 0) object["type"] = span.type;
    if (span.inferred) object["inferred"] = true;
    if (!span.end.empty()) object["end"] = span.end;
    return object;
}

OrderedJson json_of(const std::vector<Span>& spans) {
    OrderedJson list = OrderedJson::array();
    for (const Span& span : spans) list.push_back(json_of(span));
    return list;
}

OrderedJson json_of(const AuditEvent& event) {
    if (event.kind == AuditEvent::Kind::Dropped)
        return {{"time", event.time}, {"host", event.host}, {"dropped", event.records}};
    OrderedJson object{{"time", event.time},    {"host", event.host},     {"who", event.who()},
                       {"pid", event.pid},      {"device", event.device}, {"action", event.action},
                       {"status", event.status}};
    if (event.kind == AuditEvent::Kind::In) object["read"] = true;
    if (event.type != 0) object["type"] = event.type;
    if (!event.key.empty()) object["key"] = event.key;
    if (!event.action_key.empty()) object["action_key"] = event.action_key;
    if (event.aptpl) object["aptpl"] = true;
    if (!event.sense.empty()) object["sense"] = event.sense;
    object["us"] = event.queued_us + event.device_us;
    return object;
}

OrderedJson json_of(const AuditLog::Disk& disk, const std::vector<AuditEvent>& events) {
    OrderedJson rows = OrderedJson::array(), marks = OrderedJson::array();
    // An event's row is known to the history; a copy is asked, since asking may make one.
    History history = disk.history;
    for (const std::size_t index : disk.events) marks.push_back({index, history.row_of(events[index])});
    for (const History::Row& row : history.rows())
        rows.push_back({{"who", row.who}, {"host", row.host}, {"nexus", row.nexus}});
    return {{"name", disk.name},
            {"nodes", disk.nodes},
            {"rows", rows},
            {"registrations", json_of(disk.history.registrations())},
            {"holdings", json_of(disk.history.holdings())},
            {"events", marks}};
}

/// For a script element: nothing in it can end that.
std::string embedded(const OrderedJson& data) {
    const std::string text = data.dump(-1, ' ', true, OrderedJson::error_handler_t::replace);
    std::string safe;
    for (const char letter : text) letter == '<' ? safe += "\\u003c" : safe += letter;
    return safe;
}

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char letter : text) {
        switch (letter) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            default: safe += letter;
        }
    }
    return safe;
}

std::string with(std::string text, const std::string& mark, std::string_view value) {
    return text.replace(text.find(mark), mark.size(), value);
}

}  // namespace

std::string report_page(const AuditLog& log, const std::string& title) {
    OrderedJson data{{"version", PRH_VERSION},
                     {"hosts", log.hosts()},
                     {"unreadable", log.unreadable()},
                     {"dropped", log.dropped()}};
    data["events"] = OrderedJson::array();
    for (const AuditEvent& event : log.events()) data["events"].push_back(json_of(event));
    data["disks"] = OrderedJson::array();
    for (const auto& [name, disk] : log.disks()) data["disks"].push_back(json_of(disk, log.events()));
    // What comes from the records last: a mark in it is not replaced.
    std::string page = with(std::string(page::kHtml), "{{style}}", page::kStyle);
    page = with(page, "{{script}}", page::kScript);
    const std::size_t data_mark = page.find("{{data}}");
    page = page.replace(data_mark, std::string_view("{{data}}").size(), embedded(data));
    return with(page, "{{title}}", escaped(title));
}

}  // namespace prh::ctl
