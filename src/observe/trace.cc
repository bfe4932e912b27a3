// SPDX-License-Identifier: MIT
#include "observe/trace.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "observe/line_sink.h"

namespace prh {
namespace {

constexpr std::string_view kNames[kTraceEventCount] = {
    "connection_accepted", "connection_closed", "request_received",   "device_command",
    "device_result",       "request_answered",  "protocol_violation", "drain",
};

/// * stands for any run of characters, ? for one; everything else for itself.
bool glob_matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*') {
        while (pattern.starts_with("**")) pattern.remove_prefix(1);  // else every split of a run is tried
        for (std::size_t skipped = 0; skipped <= text.size(); ++skipped)
            if (glob_matches(pattern.substr(1), text.substr(skipped))) return true;
        return false;
    }
    return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
           glob_matches(pattern.substr(1), text.substr(1));
}

}  // namespace

std::string_view name(TraceEvent event) { return kNames[static_cast<std::size_t>(event)]; }

bool Trace::set(std::string_view pattern, bool enabled) {
    const bool glob =
        pattern.find('*') != std::string_view::npos;  // as in the existing program: no *, no glob
    bool found = false;
    for (std::size_t i = 0; i < kTraceEventCount; ++i) {
        if (glob ? !glob_matches(pattern, kNames[i]) : pattern != kNames[i]) continue;
        enabled_[i] = enabled;
        found = true;
    }
    return found || glob;
}

bool Trace::any() const {
    for (const std::atomic<bool>& enabled : enabled_)
        if (enabled) return true;
    return false;
}

Status Trace::open_file(const std::string& path_template) {
    std::string path;
    for (std::size_t i = 0; i < path_template.size(); ++i) {
        if (path_template[i] != '%') {
            path += path_template[i];
            continue;
        }
        if (i + 1 >= path_template.size() || path_template[i + 1] != 'd')
            return fail("Bad logfile template: " + path_template);
        path += std::to_string(::getpid());
        ++i;
    }
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
    if (!file.valid()) return fail_errno("Error opening logfile " + path, errno);
    file_ = std::move(file);
    return {};
}

void Trace::write(TraceEvent event, std::string_view text) {
    const auto now = std::chrono::system_clock::now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now - seconds).count();
    const std::string line =
        fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z {} {}\n",
                    fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), micros, name(event), text);
    if (file_.valid())
        write_line(file_.ref(), line);
    else if (stderr_usable_)
        write_line(FdRef(2), line);
}

}  // namespace prh
