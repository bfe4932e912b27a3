// SPDX-License-Identifier: MIT
#include "device/descriptor_kind.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/statx.h"
#include "device/sysfs.h"
#include "os/ioctl_request.h"

namespace prh {
namespace {

#ifndef BLKGETDISKSEQ
#define BLKGETDISKSEQ _IOR(0x12, 128, __u64)  // <linux/fs.h> of Linux 5.15
#endif

constexpr int kMaximumDepth = 8;  // of device-mapper nodes stacked on each other

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

/// "MAJOR:MINOR" of every device that the node at `directory` maps to.
Result<std::vector<std::string>> slaves(const std::string& directory) {
    auto slaves = list_sysfs(directory + "/slaves");
    if (!slaves) return slaves;
    for (std::string& slave : *slaves) {
        const auto number = read_sysfs_attribute(slave + "/dev");
        if (!number) return tl::unexpected<Error>(number.error());
        slave = number->value_or("");
    }
    return slaves;
}

bool status_of(FdRef descriptor, struct statx& status) {
    return ::statx(descriptor.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0;
}

}  // namespace

std::optional<DeviceNumber> parse_device_number(std::string_view text) {
    DeviceNumber number;
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, number.major);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != ':') return std::nullopt;
    const auto minor = std::from_chars(major.ptr + 1, end, number.minor);
    if (minor.ec != std::errc{} || minor.ptr != end) return std::nullopt;
    return number;
}

std::string device_number(FdRef descriptor) {
    struct statx status;
    if (!status_of(descriptor, status) || !(S_ISBLK(status.stx_mode) || S_ISCHR(status.stx_mode)))
        return "no device";
    return fmt::format("{}:{}", status.stx_rdev_major, status.stx_rdev_minor);
}

std::optional<std::uint64_t> device_key(FdRef descriptor) {
    struct statx status;
    if (!access_of(descriptor).opened() || !status_of(descriptor, status)) return std::nullopt;
    const bool block = S_ISBLK(status.stx_mode);
    if (!block && !S_ISCHR(status.stx_mode)) return std::nullopt;
    constexpr std::uint64_t kBlock = std::uint64_t{1} << 63;  // a major number has 12 bits
    return (block ? kBlock : 0) | std::uint64_t{status.stx_rdev_major} << 32 | status.stx_rdev_minor;
}

bool has_disk_sequence(const std::string& directory) { return exists(directory + "/diskseq"); }

std::optional<std::uint64_t> disk_sequence(FdRef descriptor) {
    std::uint64_t sequence = 0;
    // From Linux 5.15 on the block layer answers this itself (block/ioctl.c, blkdev_common_ioctl).
    if (::ioctl(descriptor.get(), static_cast<IoctlRequest>(BLKGETDISKSEQ), &sequence) != 0)
        return std::nullopt;
    return sequence;
}

DescriptorAccess access_of(FdRef descriptor) {
    const int flags = ::fcntl(descriptor.get(), F_GETFL);
    if (flags < 0 || (flags & O_PATH) != 0) return {};
    // open(2): mode 3 is for ioctl(2) alone; the kernel asks for both rights (ACC_MODE in <linux/fs.h>).
    const int mode = flags & O_ACCMODE;
    return {mode != O_WRONLY, mode != O_RDONLY};
}

std::vector<unsigned long> DescriptorClassifier::requests() { return {BLKGETDISKSEQ}; }

DescriptorClassifier::Seen DescriptorClassifier::look_at(FdRef descriptor) {
    const LookedUp found = identify(descriptor);
    return {found.kind, found.number, access_of(descriptor)};
}

Result<std::optional<MultipathNode>> DescriptorClassifier::multipath_below(FdRef descriptor) {
    const LookedUp found = identify(descriptor);
    if (found.error != 0) return fail_errno(sysfs_, found.error);
    return found.multipath;
}

std::string DescriptorClassifier::disk_below(FdRef descriptor) { return identify(descriptor).disk; }

DescriptorClassifier::LookedUp DescriptorClassifier::identify(FdRef descriptor) {
    if (whose_ == Of::Client && !access_of(descriptor).opened()) return {DescriptorKind::Unopened, false};
    struct statx status;
    if (!status_of(descriptor, status)) return {DescriptorKind::Other, false};
    const DeviceNumber own{status.stx_rdev_major, status.stx_rdev_minor};
    if (S_ISCHR(status.stx_mode) && own.major == SCSI_GENERIC_MAJOR)
        return {DescriptorKind::ScsiGeneric, false, {}, {}, own};
    if (!S_ISBLK(status.stx_mode)) return {DescriptorKind::Other, false};

    const std::uint64_t number = std::uint64_t{own.major} << 32 | own.minor;
    const auto sequence =
        sequence_of(descriptor, fmt::format("{}/dev/block/{}:{}", sysfs_, own.major, own.minor));
    if (sequence) {
        const std::lock_guard lock(mutex_);
        const auto known = known_.find(number);
        if (known != known_.end() && known->second.disk_sequence == *sequence) return known->second.found;
    }
    LookedUp found = look_up(own.major, own.minor, 0);
    found.number = own;
    if (sequence && found.stable) {
        const std::lock_guard lock(mutex_);
        if (known_.size() >= kRemembered) known_.clear();
        known_.insert_or_assign(number, Known{*sequence, found});
    }
    return found;
}

/// Linux 5.15 added both the ioctl and the attribute: one disk with the attribute proves that the kernel has
/// the ioctl. A partition's attribute is that of its disk, one directory above.
std::optional<std::uint64_t> DescriptorClassifier::sequence_of(FdRef descriptor,
                                                               const std::string& directory) {
    if (!kernel_numbers_disks_.load(std::memory_order_relaxed)) {
        if (!has_disk_sequence(directory) && !has_disk_sequence(directory + "/..")) return std::nullopt;
        kernel_numbers_disks_.store(true, std::memory_order_relaxed);
    }
    return disk_sequence(descriptor);
}

DescriptorClassifier::LookedUp DescriptorClassifier::look_up(unsigned major, unsigned minor,
                                                             int depth) const {
    const std::string disk = fmt::format("{}:{}", major, minor);
    const std::string directory = sysfs_ + "/dev/block/" + disk;
    // What cannot be read is there all the same.
    const auto unreadable = [](const Error& error) {
        return LookedUp{DescriptorKind::Unknown, false, {}, {}, {}, error.code};
    };
    const auto size = read_sysfs_attribute(directory + "/size");
    if (!size) return unreadable(size.error());
    if (!*size || depth > kMaximumDepth) return {DescriptorKind::Unknown, false};
    if (exists(directory + "/partition")) return {DescriptorKind::Partition, true};
    const auto read_uuid = read_sysfs_attribute(directory + "/dm/uuid");
    if (!read_uuid) return unreadable(read_uuid.error());
    const auto& uuid = *read_uuid;
    if (!uuid && exists(directory + "/dm")) return {DescriptorKind::Unknown, false};
    if (!uuid) return {DescriptorKind::BlockDevice, true, disk};

    // The uuid of a map is given once (dm_hash_rename() in drivers/md/dm-ioctl.c), its table may change.
    if (uuid->starts_with("mpath-"))
        return {DescriptorKind::Multipath, true, disk, MultipathNode{disk, *uuid}};
    // Another map stands for the whole of a logical unit only if it has one device below and nothing of it is
    // left out.
    const auto below = slaves(directory);
    if (!below) return unreadable(below.error());
    const auto number = below->size() == 1 ? parse_device_number(below->front()) : std::nullopt;
    if (!number) return {DescriptorKind::PartialMap, false};
    const auto size_below = read_sysfs_attribute(fmt::format("{}/dev/block/{}/size", sysfs_, below->front()));
    if (!size_below) return unreadable(size_below.error());
    if (*size_below != *size) return {DescriptorKind::PartialMap, false};
    LookedUp found = look_up(number->major, number->minor, depth + 1);
    found.stable = false;
    return found;
}

}  // namespace prh
