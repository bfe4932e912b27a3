// SPDX-License-Identifier: MIT
#include "multipath/watched_map.h"

#include <algorithm>
#include <cerrno>

namespace prh {
namespace {

bool is_shortage(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

}  // namespace

WatchedMap::Look WatchedMap::look() {
    Look look;
    std::error_code unreadable;
    const std::vector<std::string> names = map_.path_names(unreadable);
    if (unreadable && is_shortage(unreadable.value())) return {false, unreadable.value()};
    for (auto path = paths_.begin(); path != paths_.end();) {
        const DiskState state = disk_state(path->second.state.ref());
        const bool runs = state == DiskState::Running;
        if (state == DiskState::Gone || !std::binary_search(names.begin(), names.end(), path->first)) {
            look.changed = true;
            path = paths_.erase(path);
            continue;
        }
        look.changed = look.changed || runs != path->second.running;
        path->second.unsure = path->second.unsure || (runs && !path->second.running);
        path->second.running = runs;
        ++path;
    }
    for (const std::string& name : names) {
        if (paths_.contains(name)) continue;
        const SysfsDisk disk = map_.path(name);
        const auto number = disk.number();
        Seen seen{number.value_or(""), disk.state(), false, looked_};
        if (!seen.state.valid() && is_shortage(errno)) look.error = errno;
        if (!number || !seen.state.valid()) continue;
        seen.running = disk_state(seen.state.ref()) == DiskState::Running;
        paths_.emplace(name, std::move(seen));
        look.changed = true;
    }
    look.changed = look.changed && looked_;
    looked_ = true;
    return look;
}

bool WatchedMap::any_away() const {
    return std::ranges::any_of(paths_, [](const auto& path) { return !path.second.running; });
}

bool WatchedMap::any_returned() const {
    return std::ranges::any_of(
        paths_, [](const auto& path) { return !path.second.running && is_running(path.second.state.ref()); });
}

std::vector<WatchedMap::Path> WatchedMap::running() const {
    std::vector<Path> found;
    for (const auto& [name, path] : paths_)
        if (path.running) found.push_back({name, path.number, path.unsure});
    return found;
}

void WatchedMap::settle(const std::vector<std::string>& numbers) {
    for (auto& [name, path] : paths_)
        if (std::ranges::count(numbers, path.number) != 0) path.unsure = false;
}

}  // namespace prh
