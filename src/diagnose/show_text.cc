// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "client/printable.h"
#include "client/table.h"
#include "diagnose/diagnosis_text.h"
#include "diagnose/outcome_text.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string paths_table(const Picture& picture) {
    Table table({"PATH", "ADDRESS", "STATE", "TARGET PORT", "KEY", "HOLDER", "INITIATOR"});
    for (const PathView& view : picture.paths) {
        const auto& one = view.registration;
        const std::string key = one ? to_string(one->key) : view.told ? "none" : "?";
        const std::string initiator =
            one && view.path.initiator.empty() ? one->initiator : view.path.initiator;
        table.add({view.path.name, or_dash(view.path.address), or_dash(view.path.state),
                   or_dash(view.path.target_port), key, one && one->holder ? "yes" : "-",
                   or_dash(initiator)});
    }
    return table.text();
}

std::string registrations_table(const std::vector<DiskRegistration>& registrations) {
    Table table({"KEY", "HOLDER", "INITIATOR", "TARGET PORT"});
    for (const DiskRegistration& one : registrations)
        table.add(
            {to_string(one.key), one.holder ? "yes" : "-", or_dash(one.initiator), or_dash(one.target_port)});
    return table.text();
}

std::string title_of(const LocalDisk& disk) {
    std::string title = fmt::format("{}: {}", disk.node, name(disk.kind));
    if (!disk.name.empty() && !disk.node.ends_with(disk.name)) title += " " + disk.name;
    if (!disk.map.empty()) title += " " + disk.map;
    if (!disk.wwids.empty()) title += ", " + disk.wwids.front();
    return title;
}

Json json_of(const DiskRegistration& one) {
    Json json = {{"key", to_string(one.key)}, {"holder", one.holder}};
    json["initiator"] = one.initiator.empty() ? Json() : Json(one.initiator);
    json["target_port"] = one.target_port.empty() ? Json() : Json(one.target_port);
    return json;
}

Json json_of(const PathView& view) {
    Json json = {{"name", view.path.name}, {"address", view.path.address}, {"state", view.path.state}};
    json["initiator"] = view.path.initiator.empty() ? Json() : Json(view.path.initiator);
    json["target_port"] = view.path.target_port.empty() ? Json() : Json(view.path.target_port);
    json["told"] = view.told;
    json["key"] = view.registration ? Json(to_string(view.registration->key)) : Json();
    json["holder"] = view.registration && view.registration->holder;
    return json;
}

Json json_of(const std::vector<DiskRegistration>& registrations) {
    Json list = Json::array();
    for (const DiskRegistration& one : registrations) list.push_back(json_of(one));
    return list;
}

}  // namespace

std::string show_text(const Shown& shown) {
    const DiskAnswer& answer = *shown.facts.answer;
    std::string text = printable(title_of(shown.facts.disk)) + "\n";
    text += printable(fmt::format("held by: {}; PR generation {:#x}", holder_of(answer), answer.generation)) +
            "\n";
    text += "\nPaths of this host:\n" + paths_table(shown.picture);
    if (shown.picture.by_target_port)
        text += "  (by target port alone: this transport does not show the host's own ports)\n";
    const bool whose = answer.names_initiators && shown.picture.all_told();
    if (const std::string table = registrations_table(shown.picture.stale); !table.empty())
        text += "\nOf this host, but through none of these paths:\n" + table;
    if (const std::string table = registrations_table(shown.picture.others); !table.empty())
        text += (whose ? "\nOf other hosts:\n" : "\nNot told of which host:\n") + table;
    text += "\nRegistered through this helper: ";
    if (!shown.no_clients.empty())
        text += "not known: " + printable(shown.no_clients);
    else
        text += shown.clients.empty() ? "nobody who is connected now"
                                      : printable(fmt::format("{}", fmt::join(shown.clients, ", ")));
    text += "\n";
    for (const std::string& attention : answer.attentions)
        text += fmt::format(
            "\nThe disk reported {}, which it does once: no virtual machine sees it any more.\n", attention);
    for (const Diagnosis& danger : shown.dangers) text += "\n" + danger_text(danger);
    return text;
}

std::string show_json(const Shown& shown, const std::string& socket) {
    const DiskAnswer& answer = *shown.facts.answer;
    const LocalDisk& disk = shown.facts.disk;
    Json json = {{"command", "show"}, {"socket", socket}, {"device", disk.node}, {"exit_code", 0}};
    json["kind"] = name(disk.kind);
    json["name"] = disk.name;
    json["wwids"] = disk.wwids;
    json["generation"] = answer.generation;
    json["reservation"] = Json();
    if (answer.held) {
        const auto type = reservation_type(answer.held->type);
        json["reservation"] = {{"key", to_string(answer.held->key)}, {"type", answer.held->type}};
        json["reservation"]["type_name"] = type ? Json(name(*type)) : Json();
    }
    json["paths"] = Json::array();
    for (const PathView& view : shown.picture.paths) json["paths"].push_back(json_of(view));
    json["stale"] = json_of(shown.picture.stale);
    json["others"] = json_of(shown.picture.others);
    json["clients"] = shown.no_clients.empty() ? Json(shown.clients) : Json();
    json["unit_attentions"] = answer.attentions;
    json["dangers"] = Json::array();
    for (const Diagnosis& danger : shown.dangers) json["dangers"].push_back(diagnosis_json(danger));
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace prh::ctl
