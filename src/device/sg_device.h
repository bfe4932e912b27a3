// SPDX-License-Identifier: MIT
// Persistent reservations on real SCSI disks through SG_IO, one path: the descriptor that the client sent.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "device/descriptor_kind.h"
#include "device/reservation_device.h"
#include "observe/trace.h"

namespace prh {

class SgDevice final : public ReservationDevice {
  public:
    /// `timeout`: how long the device has for a command before the kernel aborts it (block devices: at least
    /// 7 s). `report`: is told, in one line, what an administrator must know and the guest cannot.
    SgDevice(std::chrono::milliseconds timeout, Trace& trace, std::function<void(std::string_view)> report)
        : timeout_(timeout), trace_(trace), report_(std::move(report)) {}

    /// Answers without the device: a part of a logical unit, several, or a multipath node -> 05/20/00; a
    /// descriptor that is neither a block device nor /dev/sgN -> 0B/00/06, as SG_IO's ENOTTY would;
    /// PERSISTENT RESERVE OUT down a descriptor opened read-only -> 05/20/00, or a client could reserve what
    /// it may only read.
    CommandResult execute(const ReservationCommand& command) override;
    CommandResult clean_up(FdRef descriptor) override;

  private:
    CommandResult send(const ReservationCommand& command);

    const std::chrono::milliseconds timeout_;
    Trace& trace_;
    const std::function<void(std::string_view)> report_;
    DescriptorClassifier classifier_;
};

}  // namespace prh
