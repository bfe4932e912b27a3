// SPDX-License-Identifier: MIT
// What is dangerous in the registrations of a disk, in plain words, with what fixes it. Pure.
#pragma once

#include "client/disk_answer.h"
#include "diagnose/diagnosis.h"
#include "diagnose/fixes.h"
#include "diagnose/picture.h"

namespace prh::ctl {

/// Diagnoses of the check "registrations", none that is Ok: Wrong where I/O or fencing fails of it, Warning
/// where it may, NotChecked where it could not be told.
Diagnoses dangers_of(const LocalDisk& disk, const DiskAnswer& answer, const Picture& picture,
                     const Reach& reach);

}  // namespace prh::ctl
