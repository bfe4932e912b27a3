// SPDX-License-Identifier: MIT
#include "ctl/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "ctl/advice.h"
#include "scsi/names.h"
#include "wire/protocol.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// Keys are text: a number of JSON loses what exceeds 53 bits in most readers.
Json json_of(ReservationKey key) { return to_string(key); }

void add_scope_and_type(Json& object, std::uint8_t scope, std::uint8_t code) {
    const std::optional<ReservationType> type = reservation_type(code);
    object["scope"] = scope;
    object["type"] = code;
    object["type_name"] = type ? Json(name(*type)) : Json(nullptr);
}

void add(Json& object, const ReadKeysData& data) {
    object["generation"] = data.generation;
    object["keys"] = Json::array();
    for (const ReservationKey key : data.keys) object["keys"].push_back(json_of(key));
}

void add(Json& object, const ReadReservationData& data) {
    object["generation"] = data.generation;
    object["reservation"] = nullptr;
    if (!data.held) return;
    Json held;
    held["key"] = json_of(data.held->key);
    add_scope_and_type(held, data.held->scope, data.held->type);
    object["reservation"] = held;
}

void add(Json& object, const ReportCapabilitiesData& data) {
    Json capabilities;
    capabilities["compatible_reservation_handling"] = data.compatible_reservation_handling;
    capabilities["specify_initiator_ports"] = data.specify_initiator_ports;
    capabilities["all_target_ports"] = data.all_target_ports;
    capabilities["persist_through_power_loss"] = data.persist_through_power_loss;
    capabilities["persist_through_power_loss_active"] = data.persist_activated;
    capabilities["replace_lost_reservation"] = data.replace_lost_reservation;
    capabilities["allow_commands"] = data.allow_commands;
    capabilities["types"] = nullptr;  // the device does not tell
    if (data.type_mask_valid) {
        capabilities["types"] = Json::array();
        for (const ReservationType type : kReservationTypes)
            if (data.supports(type)) capabilities["types"].push_back(static_cast<unsigned>(type));
    }
    object["capabilities"] = capabilities;
}

void add(Json& object, const ReadFullStatusData& data) {
    object["generation"] = data.generation;
    object["registrations"] = Json::array();
    for (const FullStatusDescriptor& descriptor : data.descriptors) {
        Json registration;
        registration["key"] = json_of(descriptor.key);
        registration["holder"] = descriptor.holder;
        if (descriptor.holder) add_scope_and_type(registration, descriptor.scope, descriptor.type);
        registration["all_target_ports"] = descriptor.all_target_ports;
        registration["relative_target_port"] =
            descriptor.all_target_ports ? Json(nullptr) : Json(descriptor.relative_target_port);
        registration["transport_id"] =
            descriptor.transport_id.size() == 0 ? Json(nullptr) : Json(descriptor.transport_id.to_string());
        object["registrations"].push_back(registration);
    }
}

Json json_of(const SenseData& sense) {
    const std::optional<SenseCode> code = sense.code();
    if (!code) return nullptr;
    Json object;
    object["key"] = static_cast<unsigned>(code->key);
    object["asc"] = code->asc;
    object["ascq"] = code->ascq;
    object["text"] = to_string(*code);
    return object;
}

Json status_name(ScsiStatus status) {
    const std::string_view words = name(status);
    return words == "?" ? Json(nullptr) : Json(words);
}

void add_result(Json& object, const Outcome& outcome) {
    object["status"] = status_name(outcome.result->status);
    object["status_code"] = static_cast<unsigned>(outcome.result->status);
    object["sense"] = json_of(outcome.result->sense);
    object["unit_attentions"] = Json::array();
    for (const SenseData& attention : outcome.unit_attentions)
        object["unit_attentions"].push_back(json_of(attention));
    if (outcome.result->status != ScsiStatus::Good) {
        object["error"] = to_string(*outcome.result);
        const std::string_view words = advice(*outcome.verb, *outcome.result);
        object["advice"] = words.empty() ? Json(nullptr) : Json(words);
        return;
    }
    if (!outcome.verb->reads()) return;
    object["truncated"] = outcome.truncated;
    object["data"] = hexadecimal(outcome.data);
    if (outcome.answer) std::visit([&](const auto& data) { add(object, data); }, *outcome.answer);
}

}  // namespace

std::string render_json(const Outcome& outcome) {
    Json object;
    object["command"] = outcome.command.empty() ? Json(nullptr) : Json(outcome.command);
    if (!outcome.command.empty()) object["socket"] = outcome.socket;
    if (outcome.verb != nullptr) object["device"] = outcome.device;
    object["exit_code"] = static_cast<int>(outcome.exit_code());
    if (outcome.features) {
        object["features"] = *outcome.features;
        object["feature_names"] = Json::array();
        if (*outcome.features & kFeatureCleanup) object["feature_names"].push_back("cleanup");
    }
    if (outcome.failure)
        object["error"] = outcome.failure->message;
    else if (outcome.result)
        add_result(object, outcome);
    // A path and an iSCSI name need not be UTF-8.
    return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace prh::ctl
