// SPDX-License-Identifier: MIT
#include "observe/trace_spec.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>

namespace prh {
namespace {

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> items;
    if (text.empty()) return items;
    items.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ',')
            items.back() += text[i];
        else if (i + 1 < text.size() && text[i + 1] == ',')
            items.back() += text[i++];
        else if (i + 1 < text.size())  // a comma at the end begins no item, as in the existing program
            items.emplace_back();
    }
    return items;
}

bool set_pattern(std::string_view pattern, Trace& trace) {
    const bool disable = pattern.starts_with('-');
    return trace.set(pattern.substr(disable ? 1 : 0), !disable);
}

std::string does_not_exist(std::string_view pattern) {
    return fmt::format("warning: trace event '{}' does not exist",
                       pattern.substr(pattern.starts_with('-') ? 1 : 0));
}

}  // namespace

Result<TraceSpec> TraceSpec::parse(std::string_view text) {
    TraceSpec spec;
    const std::vector<std::string> items = split_at_commas(text);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::size_t equals = items[i].find('=');
        const std::string key = equals == std::string::npos ? "" : items[i].substr(0, equals);
        const std::string value = equals == std::string::npos ? items[i] : items[i].substr(equals + 1);
        if (key == "enable" || (equals == std::string::npos && i == 0)) {
            spec.pattern = value;
        } else if (key == "events") {
            spec.events_file = value;
        } else if (key == "file") {
            spec.file = value;
        } else {
            return fail(fmt::format("Invalid parameter '{}'", equals == std::string::npos ? value : key));
        }
    }
    spec.help = spec.pattern == "help" || spec.pattern == "?";
    return spec;
}

Status apply(const TraceSpec& spec, Trace& trace, std::vector<std::string>& warnings) {
    if (spec.pattern && !set_pattern(*spec.pattern, trace))
        warnings.push_back(" " + does_not_exist(*spec.pattern));
    if (!spec.events_file) return {};
    const std::string& path = *spec.events_file;
    errno = 0;
    std::ifstream file(path);
    if (!file) return tl::unexpected<Error>(Error{fmt::format("{}: {}", path, std::strerror(errno)), errno});
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.empty() || line[0] == '#') continue;
        if (!set_pattern(line, trace))
            warnings.push_back(fmt::format("{}:{}: {}", path, number, does_not_exist(line)));
    }
    return {};
}

std::string trace_event_list() {
    std::string list;
    for (std::size_t i = 0; i < kTraceEventCount; ++i) {
        list += name(static_cast<TraceEvent>(i));
        list += '\n';
    }
    return list;
}

}  // namespace prh
