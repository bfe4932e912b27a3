// SPDX-License-Identifier: MIT
// What is known of a helper and of a disk when the checks begin: plain values, with why something is not
// known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/disk_answer.h"
#include "client/failure.h"
#include "client/state.h"
#include "diagnose/helper_process.h"
#include "diagnose/local_disk.h"
#include "diagnose/multipath_words.h"
#include "scsi/pr_in_data.h"

namespace prh::ctl {

struct HelperView {
    std::string socket;
    std::string control;
    std::optional<Failure> unreachable;    ///< why its socket cannot be used
    std::optional<HelperState> state;      ///< of the control socket
    std::string no_state;                  ///< why there is none
    std::optional<HelperProcess> process;  ///< where it can be seen from here

    /// "qemu-pr-helper"; empty where neither tells.
    std::string program() const;
    /// The device of a disk, if the helper has served it.
    const DeviceState* device(const LocalDisk& disk) const;
};

/// multipathd, asked by this program; the helper may be elsewhere.
struct MultipathdView {
    std::string problem;  ///< why it does not answer; empty where it does
    std::string config;   ///< "show config local"
};

struct DiskFacts {
    LocalDisk disk;
    Expected<DiskAnswer> answer = fail(ExitCode::Other, "it was not asked");
    Expected<ReportCapabilitiesData> capabilities = fail(ExitCode::Other, "it was not asked");
    std::optional<MapState> map_state;  ///< of a map that multipathd knows
};

}  // namespace prh::ctl
