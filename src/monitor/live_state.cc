// SPDX-License-Identifier: MIT
#include "monitor/live_state.h"

#include <nlohmann/json.hpp>

#include "client/control_client.h"
#include "monitor/counters.h"
#include "scsi/names.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kFresh{250};

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

/// An iSCSI name may be of any bytes.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

LiveState::LiveState(std::string control, std::string socket, std::chrono::seconds timeout)
    : control_(std::move(control)), timeout_(timeout), disks_(std::move(socket), timeout) {}

Expected<LiveState::Read> LiveState::read() {
    const auto now = std::chrono::steady_clock::now();
    if (now - read_at_ < kFresh) return last_;
    last_ = read_state(control_, timeout_).and_then([](const std::string& line) {
        return parse_state(line).map([&](const HelperState& state) { return Read{line, state}; });
    });
    read_at_ = std::chrono::steady_clock::now();
    return last_;
}

Expected<HelperState> LiveState::state() {
    const std::lock_guard lock(mutex_);
    return read().map([](const Read& read) { return read.state; });
}

Expected<std::string> LiveState::json() {
    const std::lock_guard lock(mutex_);
    return read().map([this](const Read& read) {
        Json json = Json::parse(read.line);
        json["disks"] = json_of(disks_.ask(read.state));
        json["alarming"] = alarming(read.state);
        return text_of(json);
    });
}

}  // namespace prh::ctl
