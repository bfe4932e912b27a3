// SPDX-License-Identifier: MIT
#include "device/disk_node.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "device/sysfs.h"

namespace prh {
namespace {

namespace fs = std::filesystem;

Result<UniqueFd> open_node(const std::string& path, const std::string& number) {
    UniqueFd node(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!node.valid()) return fail_errno(path, errno);
    if (is_block_device(node.ref(), number)) return node;
    return fail(fmt::format("{} is another device", path));
}

}  // namespace

bool is_block_device(FdRef descriptor, const std::string& number) {
    struct stat status;
    return ::fstat(descriptor.get(), &status) == 0 && S_ISBLK(status.st_mode) &&
           device_number(descriptor) == number;
}

Result<UniqueFd> open_disk_node(const std::string& dev, std::string name, const std::string& number) {
    std::replace(name.begin(), name.end(), '!', '/');  // the kernel's "cciss!c0d0" is /dev/cciss/c0d0
    auto node = open_node(fmt::format("{}/{}", dev, name), number);
    if (node) return node;
    auto of_number = open_node(fmt::format("{}/block/{}", dev, number), number);
    return of_number ? std::move(of_number) : std::move(node);
}

UniqueFd open_block_node_of(DeviceNumber generic, const std::string& sysfs, const std::string& dev) {
    const std::string device = fmt::format("{}/dev/char/{}:{}/device", sysfs, generic.major, generic.minor);
    const std::vector<std::string> disks = sysfs_entries(device + "/block");
    if (disks.size() != 1) return {};
    const auto number = sysfs_attribute(disks[0] + "/dev");
    if (!number) return {};
    auto node = open_disk_node(dev, disks[0].substr(disks[0].rfind('/') + 1), *number);
    if (!node) return {};
    // While both are open, neither number can become another device's (sg_device_destroy() in
    // drivers/scsi/sg.c, scsi_disk_release() in drivers/scsi/sd.c): what sysfs says now holds.
    std::error_code error;
    const fs::path one = fs::canonical(device, error);
    if (error) return {};
    const fs::path other = fs::canonical(fmt::format("{}/dev/block/{}/device", sysfs, *number), error);
    return !error && one == other ? std::move(*node) : UniqueFd();
}

}  // namespace prh
