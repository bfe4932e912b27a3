// SPDX-License-Identifier: MIT
// Persistent reservations on real SCSI disks through SG_IO, one path: the descriptor that the client sent. A
// multipath node goes to the device that knows its paths, if there is one.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "device/allowed_devices.h"
#include "device/descriptor_kind.h"
#include "device/reservation_device.h"
#include "observe/trace.h"

namespace prh {

class SgDevice final : public ReservationDevice {
  public:
    /// `timeout`: how long the device has for a command before the kernel aborts it (block devices: at least
    /// 7 s). `report`: is told, in one line, what an administrator must know and the guest cannot.
    /// `multipath`: serves multipath nodes; null: they are refused. `allowed`: the devices that are served.
    SgDevice(std::chrono::milliseconds timeout, Trace& trace, std::function<void(std::string_view)> report,
             ReservationDevice* multipath = nullptr, AllowedDevices allowed = {})
        : timeout_(timeout),
          trace_(trace),
          report_(std::move(report)),
          multipath_(multipath),
          allowed_(std::move(allowed)) {}

    /// Answers without the device: a part of a logical unit, several, an unserved multipath node, or a device
    /// that is not allowed -> 05/20/00; a descriptor that is neither a block device nor /dev/sgN -> 0B/00/06,
    /// as SG_IO's ENOTTY would; PERSISTENT RESERVE OUT down a descriptor opened read-only -> 05/20/00, or a
    /// client could reserve what it may only read.
    CommandResult execute(const ReservationCommand& command) override;
    CommandResult clean_up(FdRef descriptor) override;
    DeviceIdentity identify(FdRef descriptor) override;
    std::vector<DevicePath> paths(const DeviceIdentity& identity) override;
    std::vector<Dependency> dependencies() override;

    /// The ioctl requests that are made, for a filter of system calls.
    static std::vector<unsigned long> requests();

  private:
    std::optional<CommandResult> refuse(FdRef descriptor, DescriptorKind kind);
    CommandResult send(const ReservationCommand& command, DeviceNumber number);

    const std::chrono::milliseconds timeout_;
    Trace& trace_;
    const std::function<void(std::string_view)> report_;
    ReservationDevice* const multipath_;
    const AllowedDevices allowed_;
    DescriptorClassifier classifier_;
};

}  // namespace prh
