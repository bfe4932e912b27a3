// SPDX-License-Identifier: MIT
// What is kept of one command: who sent what to which device, and what came of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "device/device_identity.h"
#include "os/unix_socket.h"
#include "scsi/cdb.h"
#include "scsi/command_result.h"

namespace prh {

struct AuditRecord {
    std::chrono::system_clock::time_point time;  ///< when it was answered
    PeerCredentials peer;
    std::string peer_name;  ///< "VM db1"; empty where it is not known
    DeviceIdentity device;
    std::vector<std::string> paths_used;  ///< ReservationCommand::paths_used
    Cdb cdb;
    std::vector<std::uint8_t> parameter_list;
    CommandResult result;
    std::chrono::microseconds queued{0};  ///< waited for a worker of its process (--max-requests-per-process)
    std::chrono::microseconds on_device{0};  ///< from the moment when it is given to the device

    /// One line; its members are described in qemu-pr-helper(8), AUDIT.
    std::string to_json() const;
    /// Worth a line in the log: PREEMPT, CLEAR, the clean-up, and RESERVATION CONFLICT.
    bool notable() const;
    /// The device has carried out what changes its state.
    bool changed_something() const { return cdb.changes_something() && result.status == ScsiStatus::Good; }
    /// The command went down the client's own /dev/sgN. The sg driver copies the parameter list into a buffer
    /// that the client may have mapped (sg_mmap() in drivers/scsi/sg.c), so the disk may have seen another
    /// one.
    bool is_unverified() const;
    /// "VM db1 (pid 7, uid 107): PREEMPT on 8:16 (sdb), key 0xa, service action key 0xb: GOOD"
    std::string to_string() const;
};

}  // namespace prh
