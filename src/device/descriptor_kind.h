// SPDX-License-Identifier: MIT
// What a client's descriptor is, told without touching it: statx(2) with AT_STATX_DONT_SYNC asks no file
// system's server, so that a hostile FUSE file cannot hold the caller up. Block devices are then looked up in
// sysfs.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

struct DeviceNumber {
    unsigned major = 0;
    unsigned minor = 0;
};
std::optional<DeviceNumber> parse_device_number(std::string_view text);  ///< "8:16"

enum class DescriptorKind {
    BlockDevice,  ///< a whole block device: a SCSI disk, or one whose driver will refuse SG_IO itself
    ScsiGeneric,  ///< /dev/sgN (major 21)
    Partition,    ///< stands for a part of a logical unit
    PartialMap,   ///< a device-mapper node over a part of a logical unit, over several, or over none
    Multipath,    ///< a dm-multipath node: several paths of one logical unit
    Unknown,      ///< a block device that sysfs does not show: it cannot be told what it stands for
    Unopened,     ///< whatever it is, the client has not opened it (O_PATH)
    Other,        ///< no block device and no /dev/sgN
};

/// What the client has proved that it may do with a file, by how it opened the file. O_PATH proves nothing:
/// it needs no permission on the file, and the device cgroup is not asked (do_o_path() in fs/namei.c).
struct DescriptorAccess {
    bool reads = false;
    bool writes = false;

    bool opened() const { return reads || writes; }
};
/// The flags are the kernel's own: no file system is asked. A closed descriptor has no access.
DescriptorAccess access_of(FdRef descriptor);

/// "8:16" for a block or character device, else "no device"; for messages.
std::string device_number(FdRef descriptor);

/// The same in a number, which a block and a character device do not share; nothing for other files, and for
/// what is not opened.
std::optional<std::uint64_t> device_key(FdRef descriptor);

/// Whether the kernel numbers the disk that sysfs shows in `directory` (Linux 5.15).
bool has_disk_sequence(const std::string& directory);
/// The disk's sequence number (BLKGETDISKSEQ), which another disk under the same device number does not have.
/// Ask only where has_disk_sequence() holds of a disk: an older kernel hands the request to the disk's
/// driver, and a multipath map without a path then waits for one.
std::optional<std::uint64_t> disk_sequence(FdRef descriptor);

/// A dm-multipath node as sysfs names it.
struct MultipathNode {
    std::string number;  ///< "254:3"
    std::string uuid;    ///< "mpath-" and the WWID
};

class DescriptorClassifier {
  public:
    /// Whose the descriptors are. A client has to prove access; the administrator names a node in an option.
    enum class Of { Client, Administrator };

    explicit DescriptorClassifier(std::string sysfs = "/sys", Of whose = Of::Client)
        : sysfs_(std::move(sysfs)), whose_(whose) {}

    /// The ioctl requests that are made, for a filter of system calls.
    static std::vector<unsigned long> requests();

    /// Never blocks on the descriptor. What a device number stands for is remembered together with the disk's
    /// sequence number (BLKGETDISKSEQ, Linux 5.15), which another disk of the same number does not have;
    /// device-mapper nodes but multipath ones can become something else in place and are looked up every
    /// time.
    DescriptorKind classify(FdRef descriptor) { return look_at(descriptor).kind; }
    struct Seen {
        DescriptorKind kind;
        DeviceNumber number;  ///< 0:0 where it is no device that is served
        DescriptorAccess access;
    };
    /// The same, with what was seen on the way.
    Seen look_at(FdRef descriptor);

    /// The map that a descriptor of kind Multipath stands for: it, or what it maps the whole of; nothing, if
    /// it is no such descriptor (any more). An error: sysfs cannot be read now.
    Result<std::optional<MultipathNode>> multipath_below(FdRef descriptor);
    /// "8:16" of the disk or multipath node that a descriptor of kind BlockDevice or Multipath stands for:
    /// its own, or that of what it maps the whole of; empty for other kinds.
    std::string disk_below(FdRef descriptor);

    const std::string& sysfs() const { return sysfs_; }

  private:
    struct LookedUp {
        DescriptorKind kind;
        bool stable;         // holds as long as the disk has this number
        std::string disk{};  // see disk_below()
        std::optional<MultipathNode> multipath{};
        DeviceNumber number{};  // the descriptor's own
        int error = 0;          // Unknown: why, if sysfs could not be read
    };
    struct Known {
        std::uint64_t disk_sequence;
        LookedUp found;
    };

    LookedUp identify(FdRef descriptor);
    std::optional<std::uint64_t> sequence_of(FdRef descriptor, const std::string& directory);
    LookedUp look_up(unsigned major, unsigned minor, int depth) const;

    static constexpr std::size_t kRemembered = 4096;  // device numbers; beyond that the memory starts anew

    const std::string sysfs_;
    const Of whose_;
    std::atomic<bool> kernel_numbers_disks_ = false;  // seen once, of any disk
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Known> known_;  // by device number
};

}  // namespace prh
