// SPDX-License-Identifier: MIT
#include "os/control_group.h"

#include <charconv>
#include <filesystem>
#include <fstream>

namespace prh {
namespace {

/// One process id a line (cgroups(7), cgroup.procs).
bool holds(const std::string& list, pid_t process) {
    std::ifstream in(list);
    for (pid_t each; in >> each;)
        if (each == process) return true;
    return false;
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
    constexpr int kMostGroups = 20'000;
    namespace fs = std::filesystem;
    std::error_code error;
    // Version 1 has a tree for each controller; the one that is systemd's tells of units.
    const bool unified = fs::exists(root + "/cgroup.controllers", error);
    const std::string tree = unified ? root : root + "/systemd";
    int groups = 0;
    for (fs::recursive_directory_iterator entry(tree, error), end; entry != end && !error;
         entry.increment(error)) {
        if (!entry->is_directory(error)) continue;
        if (++groups > kMostGroups) break;
        const std::string group = entry->path().string();
        if (holds(group + "/cgroup.procs", process)) return name_of_control_group(group.substr(tree.size()));
    }
    return {};
}

}  // namespace prh
