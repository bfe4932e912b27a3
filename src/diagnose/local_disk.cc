// SPDX-License-Identifier: MIT
#include "diagnose/local_disk.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "client/disk_question.h"
#include "device/disk_identity.h"
#include "device/sysfs.h"
#include "emul/initiator_name.h"
#include "multipath/sysfs_map.h"

namespace prh::ctl {
namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> number_of_text(const std::optional<std::string>& text) {
    std::int64_t value = 0;
    if (!text) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return value;
}

/// "rport-3:0-1" of the place in /sys/devices that a disk has.
std::string component(const std::string& device, std::string_view prefix) {
    std::error_code error;
    for (const fs::path& part : fs::canonical(device, error))
        if (part.string().starts_with(prefix)) return part.string();
    return {};
}

std::optional<GivingUp> giving_up(const std::string& device, const std::string& sysfs) {
    if (const std::string port = component(device, "rport-"); !port.empty()) {
        const std::string directory = sysfs + "/class/fc_remote_ports/" + port;
        const auto fast = sysfs_attribute(directory + "/fast_io_fail_tmo");
        if (!fast) return std::nullopt;
        // "off": then the port is removed after this, and its commands with it.
        if (const auto seconds = number_of_text(fast)) return GivingUp{seconds};
        return GivingUp{number_of_text(sysfs_attribute(directory + "/dev_loss_tmo"))};
    }
    if (const std::string session = component(device, "session"); !session.empty()) {
        const auto seconds =
            number_of_text(sysfs_attribute(sysfs + "/class/iscsi_session/" + session + "/recovery_tmo"));
        if (!seconds) return std::nullopt;
        return GivingUp{*seconds < 0 ? std::nullopt : seconds};
    }
    return std::nullopt;
}

std::string initiator_of(const SysfsDisk& disk, const std::string& device, const std::string& sysfs) {
    if (const auto port = disk.initiator_port()) return port->to_string();
    const std::string session = component(device, "session");
    if (session.empty()) return {};
    const auto name = sysfs_attribute(sysfs + "/class/iscsi_session/" + session + "/initiatorname");
    return name && name->starts_with("iqn.") ? *name : "";
}

/// As the helper decides (multipath/path_set.cc).
std::string why_no_path(const SysfsDisk& disk, const std::string& wwid) {
    if (const auto reason = disk.unservable()) return *reason;
    const auto identification = disk.identification();
    if (identification && identification->is_named(wwid) == std::optional(false))
        return "it is another logical unit than the map's name says";
    return {};
}

/// `map`: the WWID of the map that it is a path of; empty: of none.
LocalPath local_path(const DevicePath& path, const std::string& directory, const std::string& sysfs,
                     const std::string& map) {
    const SysfsDisk disk(sysfs, directory);
    const auto identification = disk.identification();
    const auto port = identification ? identification->relative_target_port() : std::nullopt;
    return {path.name,
            path.address,
            path.state,
            initiator_of(disk, directory + "/device", sysfs),
            port ? std::to_string(*port) : "",
            giving_up(directory + "/device", sysfs),
            map.empty() ? "" : why_no_path(disk, map)};
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::string> initiators_of_host(const std::string& sysfs) {
    std::vector<std::string> found;
    const auto add_number = [&](const std::string& attribute, TransportId (*make)(std::uint64_t)) {
        const auto text = sysfs_attribute(attribute);
        std::uint64_t value = 0;
        if (!text || !text->starts_with("0x")) return;
        const char* const end = text->data() + text->size();
        if (std::from_chars(text->data() + 2, end, value, 16).ptr == end && value != 0)
            found.push_back(make(value).to_string());
    };
    for (const std::string& host : sysfs_entries(sysfs + "/class/fc_host"))
        add_number(host + "/port_name", &TransportId::fibre_channel);
    for (const std::string& phy : sysfs_entries(sysfs + "/class/sas_phy")) {
        const std::string name = last_part(phy);  // "phy-7:0"; one behind an expander has another colon
        if (std::count(name.begin(), name.end(), ':') == 1)
            add_number(phy + "/sas_address", &TransportId::sas);
    }
    for (const std::string& session : sysfs_entries(sysfs + "/class/iscsi_session"))
        if (const auto name = sysfs_attribute(session + "/initiatorname"); name && name->starts_with("iqn."))
            found.push_back(*name);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

/// A regular file: what the emulator takes for a disk, and its name for a host.
LocalDisk emulated_disk(FdRef descriptor, const std::string& node) {
    std::error_code error;
    const std::string name =
        fs::read_symlink("/proc/self/fd/" + std::to_string(descriptor.get()), error).string();
    LocalDisk disk{node, DeviceKind::Emulated, number_of(descriptor), name, {}, {}, {}, {}, {}, {}};
    disk.paths = {{name, "", "running", initiator_port_of(name).to_string(), ""}};
    return disk;
}

}  // namespace

LocalDisk local_disk(FdRef descriptor, const std::string& node, const std::string& sysfs) {
    struct stat status {};
    if (::fstat(descriptor.get(), &status) == 0 && S_ISREG(status.st_mode))
        return emulated_disk(descriptor, node);
    DescriptorClassifier classifier(sysfs);
    const DeviceIdentity identity = identify_disk(descriptor, classifier);
    LocalDisk disk{node, identity.kind, identity.number, identity.name, {}, {}, identity.wwids, {}, {}, {}};
    const std::string directory = identity.kind == DeviceKind::Generic
                                      ? sysfs + "/dev/char/" + identity.number
                                      : sysfs + "/dev/block/" + identity.disk;
    if (identity.kind == DeviceKind::Multipath) {
        const SysfsMap map(sysfs, identity.disk);
        disk.map = map.kernel_name();
        constexpr std::string_view kPrefix = "mpath-";
        if (const auto uuid = map.uuid(); uuid && uuid->starts_with(kPrefix))
            disk.wwid = uuid->substr(kPrefix.size());
    } else if (identity.kind == DeviceKind::Disk || identity.kind == DeviceKind::Generic) {
        std::string block = directory;
        if (identity.kind == DeviceKind::Generic)
            for (const std::string& entry : sysfs_entries(directory + "/device/block")) block = entry;
        for (const std::string& holder : sysfs_entries(block + "/holders"))
            if (sysfs_attribute(holder + "/dm/uuid").value_or("").starts_with("mpath-"))
                disk.holders.push_back(sysfs_attribute(holder + "/dm/name").value_or(last_part(holder)));
    }
    for (const DevicePath& path : paths_of_disk(identity, sysfs))
        disk.paths.push_back(local_path(
            path, disk.several_paths() ? directory + "/slaves/" + path.name : directory, sysfs, disk.wwid));
    disk.initiators = initiators_of_host(sysfs);
    return disk;
}

}  // namespace prh::ctl
