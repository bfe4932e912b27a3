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

struct SgDeviceSettings {
    /// How long the device has for a command before the kernel aborts it (block devices: at least 7 s).
    std::chrono::milliseconds timeout{};
    ReservationDevice* multipath = nullptr;  ///< serves multipath nodes; null: they are refused
    AllowedDevices allowed{};                ///< the devices that are served
    std::string sysfs = "/sys";
    std::string dev = "/dev";
};

class SgDevice final : public ReservationDevice {
  public:
    /// `report`: is told, in one line, what an administrator must know and the guest cannot.
    SgDevice(SgDeviceSettings settings, Trace& trace, std::function<void(std::string_view)> report)
        : settings_(std::move(settings)),
          trace_(trace),
          report_(std::move(report)),
          classifier_(settings_.sysfs) {}

    /// Answers without the device: what the client has not opened (O_PATH), and what is neither a block
    /// device nor /dev/sgN -> 0B/00/06, as SG_IO's EBADF and ENOTTY would; PERSISTENT RESERVE IN down a
    /// descriptor that was not opened for reading, or another command down one that was not opened for
    /// writing -> 05/20/00; a part of a logical unit, several, an unserved multipath node, or a device that
    /// is not allowed -> 05/20/00. The clean-up is GOOD where nothing is to be cleaned up.
    CommandResult execute(const ReservationCommand& command) override;
    void start() override;
    void client_left(const std::vector<std::string>& maps) override;
    DeviceIdentity identify(FdRef descriptor) override;
    std::vector<DevicePath> paths(const DeviceIdentity& identity) override;
    std::vector<Dependency> dependencies() override;

    /// The ioctl requests that are made, for a filter of system calls.
    static std::vector<unsigned long> requests();

  private:
    std::optional<CommandResult> refuse(FdRef descriptor, DescriptorKind kind);
    bool is_allowed(const DeviceIdentity& identity) const;
    CommandResult send(const ReservationCommand& command, DescriptorKind kind, DeviceNumber number);
    CommandResult send_down(const ReservationCommand& command, DeviceNumber number);

    const SgDeviceSettings settings_;
    Trace& trace_;
    const std::function<void(std::string_view)> report_;
    DescriptorClassifier classifier_;
};

}  // namespace prh
