// SPDX-License-Identifier: MIT
#include "diagnose/multipath_words.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace prh::ctl {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank(" \t\r\0", 4);
    const std::size_t start = text.find_first_not_of(kBlank);
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(kBlank) - start + 1);
}

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

}  // namespace

std::optional<std::string> configured_for_map(std::string_view config, std::string_view wwid,
                                              std::string_view name) {
    std::vector<std::string_view> sections;
    std::optional<std::string> of_defaults, of_section, of_map;
    bool is_this_map = false;
    while (!config.empty()) {
        const std::size_t end = std::min(config.find('\n'), config.size());
        const std::string_view line = trimmed(config.substr(0, end));
        config.remove_prefix(std::min(end + 1, config.size()));
        if (line.empty() || line.front() == '#') continue;
        if (line.back() == '{') {
            sections.push_back(trimmed(line.substr(0, line.size() - 1)));
            of_section.reset();
            is_this_map = false;
        } else if (line.front() == '}') {
            if (!sections.empty() && sections.back() == "multipath" && is_this_map && of_section)
                of_map = of_section;
            if (!sections.empty()) sections.pop_back();
        } else if (!sections.empty()) {
            const std::size_t gap = std::min(line.find_first_of(" \t"), line.size());
            const std::string_view key = line.substr(0, gap), value = unquoted(trimmed(line.substr(gap)));
            if (sections.back() == "multipath" && key == "wwid") is_this_map = value == wwid;
            if (key != name) continue;
            if (sections.back() == "multipath") of_section = std::string(value);
            if (sections.back() == "defaults") of_defaults = std::string(value);
        }
    }
    return of_map ? of_map : of_defaults;
}

std::optional<MapState> parse_map_state(std::string_view json) {
    while (!json.empty() && (json.back() == '\0' || json.back() == '\n')) json.remove_suffix(1);
    const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
    try {
        const nlohmann::json& map = document.at("map");
        return MapState{map.at("queueing").get<std::string>(), map.value("features", "")};
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

}  // namespace prh::ctl
