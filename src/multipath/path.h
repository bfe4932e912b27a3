// SPDX-License-Identifier: MIT
// One path of a multipath map: the disk's node, opened, and what is known of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "device/descriptor_kind.h"
#include "multipath/paths.h"
#include "multipath/sysfs_map.h"
#include "scsi/device_identification.h"

namespace prh {

class Path {
  public:
    /// What a command that nobody waits for any more still uses; it lives as long as the last of them.
    struct Node {
        UniqueFd descriptor;
        std::atomic<bool> busy = false;  ///< a thread is with it, or stuck with it
    };

    /// Who opens the nodes that this process cannot (path_broker.h); no function: nobody does.
    struct Broker {
        std::function<Result<UniqueFd>(FdRef map, const std::string& name, const std::string& number)> open;
        std::shared_ptr<const UniqueFd> map;  ///< as a client has it open; the job outlives the request
    };

    /// Reads sysfs; opens no node. The error says why this is no path, or is empty if it has gone meanwhile.
    /// It has a code (errno) if that may change by itself.
    static Result<Path> find(const SysfsMap& map, const std::string& name);

    const std::string& name() const { return name_; }      ///< "sda"
    const std::string& number() const { return number_; }  ///< "8:0"
    DeviceNumber device() const { return device_; }        ///< the same
    const DeviceIdentification& identification() const { return identification_; }
    const std::optional<PortPair>& ports() const { return ports_; }
    const std::shared_ptr<Node>& node() const { return node_; }

    bool is_open() const { return node_->descriptor.valid(); }
    bool is_running() const { return running_; }  ///< when it was looked at
    bool is_blocked() const { return blocked_; }  ///< the same: the transport is recovering
    bool is_unknown() const { return unknown_; }  ///< the same: its state could not be read
    void look() {
        const DiskState state = disk_state(state_.ref());
        running_ = state == DiskState::Running;
        blocked_ = state == DiskState::Blocked;
        unknown_ = state == DiskState::Unknown;
    }
    /// Whether it is still the disk that was found.
    bool is_same_disk() const;

    /// Opening may wait as long as the SCSI host recovers from an error (sd_open), so it is a job of its own,
    /// to be run by another thread. `directory`: "/dev".
    std::function<void()> opening(const std::string& directory, Broker broker);
    /// Such a job runs, and has nothing but the broker's answer to wait for.
    bool waits_for_broker() const { return opening_ && opening_->asks_broker && node_->busy; }
    /// That job has ended: takes what it opened. The error says why there is nothing.
    Status opened();
    /// A job that closes what is open of a path that is no longer one: close(2) may wait for the disk too.
    std::function<void()> closing(const std::function<void(UniqueFd)>& close);

  private:
    std::optional<std::uint64_t> sequence() const;
    struct Opening {
        UniqueFd descriptor;
        Error error;
        std::atomic<bool> asks_broker = false;
    };

    Path() = default;

    std::string name_;
    std::string number_;
    DeviceNumber device_;
    UniqueFd state_;
    bool running_ = false;
    bool blocked_ = false;
    bool unknown_ = false;
    DeviceIdentification identification_;
    std::optional<PortPair> ports_;
    std::shared_ptr<Node> node_ = std::make_shared<Node>();
    std::shared_ptr<Opening> opening_;
    bool has_sequence_ = false;
    std::optional<std::uint64_t> disk_sequence_;
};

}  // namespace prh
