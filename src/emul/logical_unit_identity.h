// SPDX-License-Identifier: MIT
// Which file is which logical unit. Hard links are one file and so one logical unit; the birth time keeps a
// new file from inheriting the reservations of a deleted one whose inode number it got. (Its grain is the
// kernel's tick, at most 10 ms: a successor that is born in the same tick cannot be told apart.)
#pragma once

#include <compare>
#include <cstdint>

namespace prh {

struct LogicalUnitIdentity {
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::uint64_t inode = 0;
    std::int64_t birth_seconds = 0;  ///< zero, like the nanoseconds, where the file system keeps none
    std::uint32_t birth_nanoseconds = 0;

    friend auto operator<=>(const LogicalUnitIdentity&, const LogicalUnitIdentity&) = default;
};

}  // namespace prh
