// SPDX-License-Identifier: MIT
#include "monitor/live_json.h"

#include <nlohmann/json.hpp>

#include "monitor/counters.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

Json json_of(const DiskView& disk) {
    Json json = Json::object();
    if (!disk.problem.empty()) json["problem"] = disk.problem;
    if (!disk.answer) return json;
    json["generation"] = disk.answer->generation;
    json["held_by"] = holder_of(*disk.answer);
    json["registrations"] = Json::array();
    for (const DiskRegistration& one : disk.answer->registrations)
        json["registrations"].push_back({{"key", to_string(one.key)},
                                         {"holder", one.holder},
                                         {"initiator", one.initiator},
                                         {"target_port", one.target_port}});
    return json;
}

Json json_of(const DiskViews& disks) {
    Json json = Json::object();
    for (const auto& [id, disk] : disks) json[std::to_string(id)] = json_of(disk);
    return json;
}

Json alarming(const HelperState& state) {
    Json list = Json::array();
    for (const KnownCounter& counter : kCounters)
        if (const std::uint64_t count = state.counter(std::string(counter.name));
            counter.alarming && count > 0)
            list.push_back({{"count", count}, {"meaning", counter.meaning}});
    return list;
}

}  // namespace

std::string live_json(const std::string& line, const HelperState& state, const DiskViews& disks) {
    Json json = Json::parse(line);
    json["disks"] = json_of(disks);
    json["alarming"] = alarming(state);
    // An iSCSI name may be of any bytes.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace prh::ctl
