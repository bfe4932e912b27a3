// SPDX-License-Identifier: MIT
#include "os/control_group.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

namespace prh {
namespace {

namespace fs = std::filesystem;

/// One process id a line (cgroups(7), cgroup.procs).
bool holds(const std::string& list, pid_t process) {
    std::ifstream in(list);
    for (pid_t each; in >> each;)
        if (each == process) return true;
    return false;
}

/// The directory of the group below `tree` that holds `process`, empty if none does. Groups come and go
/// meanwhile: one that has gone costs itself alone, which a recursive_directory_iterator does not promise. No
/// recursion: users nest groups of their own as deep as they like, and a worker's stack is small.
std::string group_of(pid_t process, const std::string& tree) {
    constexpr int kMostGroups = 20'000;
    std::vector<std::string> unread{tree};
    for (int seen = 0; !unread.empty();) {
        const std::string directory = std::move(unread.back());
        unread.pop_back();
        std::error_code error;
        for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code gone;
            if (!entry->is_directory(gone) || entry->is_symlink(gone)) continue;
            if (++seen > kMostGroups) return {};
            std::string group = entry->path().string();
            if (holds(group + "/cgroup.procs", process)) return group;
            unread.push_back(std::move(group));
        }
    }
    return {};
}

/// The innermost part that is a unit with processes.
std::string_view unit_of(std::string_view path) {
    while (!path.empty()) {
        const std::size_t slash = path.rfind('/');
        const std::string_view part = slash == path.npos ? path : path.substr(slash + 1);
        if (part.ends_with(".scope") || part.ends_with(".service")) return part;
        path = slash == path.npos ? std::string_view() : path.substr(0, slash);
    }
    return {};
}

/// systemd.unit(5), "String escaping for inclusion in unit names": "\x2d" is "-".
std::string unescaped(std::string_view name) {
    std::string text;
    while (!name.empty()) {
        unsigned char letter = static_cast<unsigned char>(name[0]);
        std::size_t taken = 1;
        if (name.starts_with("\\x") && name.size() >= 4) {
            unsigned value = 0;
            const auto [stopped, error] = std::from_chars(name.data() + 2, name.data() + 4, value, 16);
            if (error == std::errc{} && stopped == name.data() + 4) {
                letter = static_cast<unsigned char>(value);
                taken = 4;
            }
        }
        text += letter >= 0x20 && letter < 0x7F ? static_cast<char>(letter) : '?';
        name.remove_prefix(taken);
    }
    return text;
}

}  // namespace

std::string name_of_control_group(std::string_view path) {
    constexpr std::size_t kLongest = 80;
    constexpr std::string_view kMachine = "machine-qemu-", kScope = ".scope";
    std::string name = unescaped(unit_of(path));
    if (name.empty()) return {};
    // Elsewhere a user may give a group any name.
    if (!path.starts_with("/machine.slice/") || !name.starts_with(kMachine) || !name.ends_with(kScope))
        return "unit " + name.substr(0, kLongest);
    name = name.substr(kMachine.size(), name.size() - kMachine.size() - kScope.size());
    return "VM " + name.substr(name.find('-') + 1, kLongest);  // behind libvirt's number of the machine
}

std::string name_of_process(pid_t process, const std::string& root) {
    std::error_code error;
    // Version 1 has a tree for each controller; the one that is systemd's tells of units.
    const bool unified = fs::exists(root + "/cgroup.controllers", error);
    const std::string tree = unified ? root : root + "/systemd";
    const std::string group = group_of(process, tree);
    return group.empty() ? "" : name_of_control_group(group.substr(tree.size()));
}

}  // namespace prh
