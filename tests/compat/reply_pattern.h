// SPDX-License-Identifier: MIT
// What a reply is to look like where the two programs differ, exact to the byte.
#pragma once

#include <cstdint>

#include "compat/helper.h"

namespace prh::test {

/// The host statuses that stand for something else than GOOD in the existing program.
bool host_status_is_known(std::uint16_t host_status);

/// CHECK CONDITION with the 18 bytes of a synthesised sense, and not a byte more.
bool is_synthesised(const ReplyOutcome& outcome, std::uint8_t key, std::uint8_t asc, std::uint8_t ascq);

/// All sense bytes from `from` on are zero.
bool sense_is_zero(const ReplyOutcome& outcome, std::size_t from);

/// The same status and length; of the sense, ours has what is synthesised (nothing, or 18 bytes that are the
/// same in both), and zeros behind it.
bool same_with_zero_tail(const ReplyOutcome& existing, const ReplyOutcome& ours);

}  // namespace prh::test
