// SPDX-License-Identifier: MIT
#include "device/disk_identity.h"

#include <algorithm>
#include <filesystem>

#include "device/sysfs.h"
#include "scsi/wwid.h"

namespace prh {
namespace {

namespace fs = std::filesystem;

std::string last_part(const std::string& link) {
    std::error_code error;
    const fs::path path = fs::canonical(link, error);
    return error ? std::string() : path.filename().string();
}

/// The names in its Device Identification VPD page; where the kernel does not keep that, the one that it
/// chose.
std::vector<std::string> wwids_of(const std::string& scsi_device) {
    if (const auto page = sysfs_bytes(scsi_device + "/vpd_pg83"))
        if (const auto identification = DeviceIdentification::parse(*page))
            return canonical_wwids(*identification);
    const std::string name = canonical_wwid(sysfs_attribute(scsi_device + "/wwid").value_or(""));
    return name.empty() ? std::vector<std::string>() : std::vector{name};
}

void add_path(DeviceIdentity& identity, const std::string& scsi_device) {
    const std::string address = last_part(scsi_device);
    std::vector<std::string> wwids = wwids_of(scsi_device);
    if (std::count(address.begin(), address.end(), ':') != 3) return;  // no SCSI device: no H:C:T:L
    identity.nexuses.push_back(address + " " + (wwids.empty() ? "" : wwids.front()));
    identity.wwids.insert(identity.wwids.end(), wwids.begin(), wwids.end());
}

/// `directory`: of a disk (".../block/sda"), or of the sg node of one.
DevicePath path_at(const std::string& directory) {
    return {last_part(directory), sysfs_attribute(directory + "/dev").value_or(""),
            last_part(directory + "/device"), sysfs_attribute(directory + "/device/state").value_or("")};
}

void sort_once(std::vector<std::string>& texts) {
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

}  // namespace

std::string kernel_name(FdRef descriptor, DescriptorClassifier& classifier) {
    const bool generic = classifier.classify(descriptor) == DescriptorKind::ScsiGeneric;
    const std::string number = generic ? device_number(descriptor) : classifier.disk_below(descriptor);
    if (number.empty()) return "";
    const std::string name =
        last_part(classifier.sysfs() + (generic ? "/dev/char/" : "/dev/block/") + number);
    return name.empty() ? number : name;
}

DeviceIdentity identify_disk(FdRef descriptor, DescriptorClassifier& classifier) {
    const DescriptorKind kind = classifier.classify(descriptor);
    if (kind == DescriptorKind::Unopened) return {"no device", {}, {}, {}};
    DeviceIdentity identity{device_number(descriptor), {}, {}, {}};
    if (kind == DescriptorKind::ScsiGeneric) {
        identity.kind = DeviceKind::Generic;
        const std::string directory = classifier.sysfs() + "/dev/char/" + identity.number;
        identity.name = last_part(directory);
        add_path(identity, directory + "/device");
    } else if (const std::string disk = classifier.disk_below(descriptor); !disk.empty()) {
        const std::string directory = classifier.sysfs() + "/dev/block/" + disk;
        identity.kind = kind == DescriptorKind::Multipath ? DeviceKind::Multipath : DeviceKind::Disk;
        identity.disk = disk;
        identity.name = sysfs_attribute(directory + "/dm/name").value_or(last_part(directory));
        if (kind == DescriptorKind::BlockDevice) add_path(identity, directory + "/device");
        if (kind == DescriptorKind::Multipath)
            for (const std::string& path : sysfs_entries(directory + "/slaves"))
                add_path(identity, path + "/device");
    }
    sort_once(identity.wwids);
    sort_once(identity.nexuses);
    return identity;
}

std::vector<DevicePath> paths_of_disk(const DeviceIdentity& identity, const std::string& sysfs) {
    std::vector<DevicePath> paths;
    switch (identity.kind) {
        case DeviceKind::Disk: paths = {path_at(sysfs + "/dev/block/" + identity.disk)}; break;
        case DeviceKind::Generic: paths = {path_at(sysfs + "/dev/char/" + identity.number)}; break;
        case DeviceKind::Multipath:
            for (const std::string& slave : sysfs_entries(sysfs + "/dev/block/" + identity.disk + "/slaves"))
                paths.push_back(path_at(slave));
            break;
        case DeviceKind::Emulated:
        case DeviceKind::Other: break;
    }
    std::erase_if(paths, [](const DevicePath& path) { return path.name.empty(); });  // gone meanwhile
    std::sort(paths.begin(), paths.end(),
              [](const DevicePath& one, const DevicePath& other) { return one.name < other.name; });
    return paths;
}

}  // namespace prh
