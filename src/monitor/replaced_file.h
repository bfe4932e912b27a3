// SPDX-License-Identifier: MIT
// A file that others read at any moment: they see what was there, or all of what is there now.
#pragma once

#include <string>
#include <string_view>

#include "client/failure.h"

namespace prh::ctl {

/// Everybody may read it: node_exporter is another user.
Expected<void> replace_file(const std::string& path, std::string_view text);

}  // namespace prh::ctl
