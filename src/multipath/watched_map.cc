// SPDX-License-Identifier: MIT
#include "multipath/watched_map.h"

#include <algorithm>
#include <cerrno>

#include "base/errno.h"

namespace prh {
WatchedMap::Look WatchedMap::look() {
    Look look;
    const auto names = map_.path_names();
    if (!names) return {false, tl::unexpected<Error>(names.error())};
    for (auto path = paths_.begin(); path != paths_.end();) {
        const DiskState state = disk_state(path->second.state.ref());
        if (state == DiskState::Unknown) look.complete = fail_errno(path->first + "/device/state", errno);
        const bool runs = state == DiskState::Unknown ? path->second.running : state == DiskState::Running;
        if (state == DiskState::Gone || !std::binary_search(names->begin(), names->end(), path->first)) {
            look.changed = true;
            path = paths_.erase(path);
            continue;
        }
        look.changed = look.changed || runs != path->second.running;
        path->second.unsure = path->second.unsure || (runs && !path->second.running);
        path->second.running = runs;
        ++path;
    }
    for (const std::string& name : *names) {
        if (paths_.contains(name)) continue;
        const SysfsDisk disk = map_.path(name);
        const auto number = disk.number();
        if (!number) look.complete = tl::unexpected<Error>(number.error());
        if (!number || !*number) continue;
        Seen seen{**number, disk.state(), false, looked_};
        if (!seen.state.valid() && !is_missing(errno))
            look.complete = fail_errno(name + "/device/state", errno);
        if (!seen.state.valid()) continue;
        // What cannot be read is seen to return once it can.
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
