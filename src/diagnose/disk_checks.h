// SPDX-License-Identifier: MIT
// The checks of one disk: facts in, findings out. Pure.
#pragma once

#include "diagnose/diagnosis.h"
#include "diagnose/facts.h"

namespace prh::ctl {

/// Whether the disk has persistent reservations, and what clusters need of them.
Diagnosis check_support(const DiskFacts& view);
/// Keys by path, as dangers_of() tells them; one finding that is Ok where there is none.
Diagnoses check_registrations(const HelperView& helper, const DiskFacts& view);
/// Two clients that are one initiator to this disk.
Diagnosis check_nexus(const HelperView& helper, const DiskFacts& view);

/// Of multipath maps; nothing for other disks, but for one that is a path of a map.
Diagnoses check_multipath(const MultipathdView& multipathd, const DiskFacts& view);

}  // namespace prh::ctl
