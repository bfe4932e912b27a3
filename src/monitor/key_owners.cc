// SPDX-License-Identifier: MIT
#include "monitor/key_owners.h"

#include <nlohmann/json.hpp>

#include "client/words.h"

namespace prh::ctl {

std::string KeyOwners::learn(std::string_view record) {
    constexpr std::size_t kMaximum = 65536;  // keys are what clients make them
    const nlohmann::json parsed = nlohmann::json::parse(record, nullptr, false);
    try {
        const std::string action = parsed.at("action").get<std::string>();
        const std::string device = parsed.at("device").value("name", "");
        if (parsed.at("status") != "GOOD" ||
            (action != "REGISTER" && action != "REGISTER AND IGNORE EXISTING KEY"))
            return device;
        const nlohmann::json& peer = parsed.at("peer");
        if (owners_.size() >= kMaximum) owners_.clear();
        owners_[{device, parsed.at("action_key").get<std::string>()}] =
            who(peer.value("name", ""), peer.at("pid").get<std::int64_t>());
        return device;
    } catch (const nlohmann::json::exception&) {
        return {};  // another kind of record
    }
}

std::string KeyOwners::of(const std::string& device, const std::string& key) const {
    const auto found = owners_.find({device, key});
    return found == owners_.end() ? "" : found->second;
}

}  // namespace prh::ctl
