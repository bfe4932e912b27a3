// SPDX-License-Identifier: MIT
#include "os/control_group.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace prh {
namespace {

constexpr std::size_t kLongest = 80;

/// Takes the first component off `path`; empty at its end.
std::string_view take_component(std::string_view& path) {
    while (path.starts_with('/')) path.remove_prefix(1);
    const std::string_view component = path.substr(0, path.find('/'));
    path.remove_prefix(component.size());
    return component;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

bool is_hexadecimal(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
    });
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

/// "db1" of "machine-qemu\x2d3\x2ddb1.scope", which libvirt has systemd-machined make; empty of others.
std::string machine_of(std::string_view scope) {
    const std::string name = unescaped(scope);
    std::string_view rest = name;
    if (!take_prefix(rest, "machine-qemu-") || !take_suffix(rest, ".scope")) return {};
    // Behind libvirt's number of the machine.
    const std::size_t number = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(number);
    if (number == 0 || !take_prefix(rest, "-")) return {};
    return std::string(rest);
}

/// A pod's UID is a UUID, in which the systemd driver writes "_" for "-"; that of a static pod is a hash of
/// 32 digits. Empty if `text` is neither.
std::string pod_uid(std::string_view text) {
    constexpr std::size_t kHash = 32;
    std::string uid(text);
    std::replace(uid.begin(), uid.end(), '_', '-');
    if (uid.size() == kHash && is_hexadecimal(uid)) return uid;
    constexpr std::array<std::size_t, 5> kGroups{8, 4, 4, 4, 12};  // RFC 9562, 4
    std::string_view rest = uid;
    for (std::size_t i = 0; i < kGroups.size(); ++i) {
        if (i > 0 && !take_prefix(rest, "-")) return {};
        if (rest.size() < kGroups[i] || !is_hexadecimal(rest.substr(0, kGroups[i]))) return {};
        rest.remove_prefix(kGroups[i]);
    }
    return rest.empty() ? uid : "";
}

/// "0af1b2c3d4e5" of "cri-containerd-0af1b2c3d4e5….scope", "crio-….scope", "docker-….scope", or of the number
/// alone (cgroupfs driver); empty of others.
std::string_view container_id(std::string_view group) {
    constexpr std::size_t kShown = 12;  // as crictl shows it
    take_suffix(group, ".scope");
    const std::string_view id = group.substr(group.rfind('-') + 1);
    return id.size() >= kShown && is_hexadecimal(id) ? id.substr(0, kShown) : std::string_view();
}

std::string name_of_pod(const std::string& uid, std::string_view below) {
    std::string name = "pod ";
    name += uid;
    const std::string_view container = container_id(take_component(below));
    if (!container.empty()) name.append(" container ").append(container);
    return name;
}

/// The kubelet's groups by its systemd driver: kubepods.slice, kubepods-burstable.slice below it for a class
/// of service, and kubepods-burstable-podUID.slice below that. A cgroupRoot ("kubelet") comes before it all.
std::string pod_by_systemd(std::string_view path) {
    for (std::string_view slice = take_component(path); take_suffix(slice, ".slice");
         slice = take_component(path)) {
        take_prefix(slice, "kubelet-");
        if (slice == "kubelet") continue;
        if (!take_prefix(slice, "kubepods")) return {};
        for (const std::string_view service : {"-besteffort", "-burstable"}) take_prefix(slice, service);
        if (slice.empty()) continue;
        const std::string uid = take_prefix(slice, "-pod") ? pod_uid(slice) : "";
        return uid.empty() ? "" : name_of_pod(uid, path);
    }
    return {};
}

/// By its cgroupfs driver: kubepods/burstable/podUID/ID, or kubepods/podUID/ID.
std::string pod_by_cgroupfs(std::string_view path) {
    std::string_view group = take_component(path);
    if (group == "kubelet") group = take_component(path);
    if (group != "kubepods") return {};
    group = take_component(path);
    if (group == "besteffort" || group == "burstable") group = take_component(path);
    const std::string uid = take_prefix(group, "pod") ? pod_uid(group) : "";
    return uid.empty() ? "" : name_of_pod(uid, path);
}

/// The outermost unit with processes. Only slices are around it: whatever else has groups below has them of
/// its own making.
std::string_view unit_of(std::string_view path) {
    std::string_view unit = take_component(path);
    while (unit.ends_with(".slice")) unit = take_component(path);
    return unit.ends_with(".scope") || unit.ends_with(".service") ? unit : std::string_view();
}

}  // namespace

std::string name_of_control_group(std::string_view path) {
    std::string_view below = path;
    if (take_component(below) == "machine.slice")
        if (const std::string machine = machine_of(take_component(below)); !machine.empty())
            return "VM " + machine.substr(0, kLongest);
    if (std::string pod = pod_by_systemd(path); !pod.empty()) return pod;
    if (std::string pod = pod_by_cgroupfs(path); !pod.empty()) return pod;
    const std::string unit = unescaped(unit_of(path));
    return unit.empty() ? "" : "unit " + unit.substr(0, kLongest);
}

}  // namespace prh
