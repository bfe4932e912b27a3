// SPDX-License-Identifier: MIT
// Text that came from elsewhere, made harmless: an iSCSI name is another machine's choice, a virtual
// machine's name its owner's, and a terminal obeys what it is shown.
#pragma once

#include <string>
#include <string_view>

namespace prh::ctl {

/// Control characters, those of the second half of Latin-1 among them, as "\x1b".
std::string printable(std::string_view text);

}  // namespace prh::ctl
