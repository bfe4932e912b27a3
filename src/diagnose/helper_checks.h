// SPDX-License-Identifier: MIT
// The checks of a helper: facts in, findings out. Pure.
#pragma once

#include "diagnose/diagnosis.h"
#include "diagnose/facts.h"

namespace prh::ctl {

Diagnosis check_helper(const HelperView& helper);
Diagnosis check_control(const HelperView& helper);
/// CAP_SYS_RAWIO and nothing beyond on every thread (nothing at all for an emulator), no_new_privs, seccomp.
Diagnosis check_capabilities(const HelperView& helper);
/// Whether Landlock limits the files that the helper's process can open.
Diagnosis check_landlock(const HelperView& helper);
/// `maps`: whether a disk is looked at, or was served, that is a multipath map.
Diagnosis check_multipathd(const HelperView& helper, const MultipathdView& multipathd, bool maps);
/// The time after which the helper gives a disk up, against that after which a guest gives the helper up.
Diagnosis check_timeout(const HelperView& helper);
Diagnosis check_shared_nexuses(const HelperView& helper);

}  // namespace prh::ctl
