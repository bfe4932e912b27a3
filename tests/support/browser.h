// SPDX-License-Identifier: MIT
// A page as a browser shows it: Chromium without a window.
#pragma once

#include <optional>
#include <string>

namespace prh::test {

/// The document after its scripts have run for some seconds of their own time; nothing if there is no
/// browser.
std::optional<std::string> rendered(const std::string& url);

}  // namespace prh::test
