// SPDX-License-Identifier: MIT
// The limit on open descriptors (RLIMIT_NOFILE).
#pragma once

#include <cstddef>

namespace prh {

/// Raises the soft limit to `wanted`, or as far as the hard limit (or CAP_SYS_RESOURCE) allows; returns what
/// it is then.
std::size_t raise_descriptor_limit(std::size_t wanted);

}  // namespace prh
