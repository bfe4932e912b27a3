// SPDX-License-Identifier: MIT
// What an answer means for the one who asked, and what to do about it: a RESERVATION CONFLICT says neither.
#pragma once

#include <string_view>

#include "ctl/verb.h"
#include "scsi/command_result.h"

namespace prh::ctl {

/// One line without a final full stop; empty if the result speaks for itself.
std::string_view advice(const Verb& verb, const CommandResult& result);

}  // namespace prh::ctl
