// SPDX-License-Identifier: MIT
// The seam between the server and what executes reservations: SCSI disks in qemu-pr-helper, emulated logical
// units in prhelper-emulator, a fake in tests.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "device/dependency.h"
#include "device/device_identity.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh {

/// One PERSISTENT RESERVE IN or OUT, or the clean-up after a live migration, as a client asked for it.
struct ReservationCommand {
    Cdb cdb;                    ///< operation code 5Eh, 5Fh or FFh; nothing else of it is checked
    FdRef descriptor;           ///< the client's own: it may be of any kind, and hostile
    ConstBytes parameter_list;  ///< PERSISTENT RESERVE OUT: bytes 7..8 of the CDB long, at most 8192
    MutableBytes data_in;       ///< PERSISTENT RESERVE IN: allocation length long, at most 8192, all zero
    /// If somebody wants to know: takes the kernel's names of the disks ("sda") that commands of this
    /// operation code (PERSISTENT RESERVE OUT for the clean-up) were sent to for it, answered or not, each
    /// once, in the order of their first use.
    std::vector<std::string>* paths_used = nullptr;
};

class ReservationDevice {
  public:
    virtual ~ReservationDevice() = default;

    /// Executes the command and says what came of it; blocks while the device works. Called by many threads
    /// at once. result.data_length <= data_in.size(), and 0 unless it was PERSISTENT RESERVE IN with GOOD.
    /// Clean-up: the client's host forgets a key that another host has taken over. Nothing is to be done
    /// where there is one path.
    virtual CommandResult execute(const ReservationCommand& command) = 0;

    /// The process is confined, and may start threads.
    virtual void start() {}
    /// A client has gone that had registered with these multipath maps (DeviceIdentity::disk). Does not wait.
    virtual void client_left(const std::vector<std::string>& /*maps*/) {}

    /// What a descriptor stands for, as far as that is known; nothing is sent to it.
    virtual DeviceIdentity identify(FdRef) { return {}; }

    /// The disks through which commands reach it now.
    virtual std::vector<DevicePath> paths(const DeviceIdentity&) { return {}; }

    /// Looked at now, without waiting.
    virtual std::vector<Dependency> dependencies() { return {}; }
};

}  // namespace prh
