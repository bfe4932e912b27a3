// SPDX-License-Identifier: MIT
// A map with two paths over Fibre Channel, and what its disk says of registrations.
#pragma once

#include "diagnose/facts.h"
#include "diagnose/fixes.h"

namespace prh::test {

using namespace prh::ctl;

constexpr char kOwnPort[] = "fcp,2100000000000001";
constexpr char kOtherHost[] = "fcp,2100000000000099";

inline LocalDisk two_paths() {
    LocalDisk disk;
    disk.node = "/dev/mapper/mpatha";
    disk.kind = DeviceKind::Multipath;
    disk.number = "254:3";
    disk.name = "mpatha";
    disk.map = "dm-3";
    disk.wwid = "36001405aabbccdd0";
    disk.paths = {{"sda", "2:0:0:1", "running", kOwnPort, "1"}, {"sdb", "3:0:0:1", "running", kOwnPort, "2"}};
    disk.initiators = {kOwnPort};
    return disk;
}

inline DiskRegistration registration(std::uint64_t key, const std::string& initiator, const std::string& port,
                                     bool holder = false) {
    return {ReservationKey{key}, holder, initiator, port};
}

/// Both paths with one key, the first one holds type 5; another host is registered too.
inline DiskAnswer all_well() {
    DiskAnswer answer;
    answer.registrations = {registration(0xA1, kOwnPort, "1", true), registration(0xA1, kOwnPort, "2"),
                            registration(0xB2, kOtherHost, "1")};
    answer.held = HeldReservation{ReservationKey{0xA1}, 0, 5};
    return answer;
}

}  // namespace prh::test
