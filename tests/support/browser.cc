// SPDX-License-Identifier: MIT
#include "support/browser.h"

#include <gtest/gtest.h>

#include "support/process.h"

namespace prh::test {

std::optional<std::string> rendered(const std::string& url) {
    TemporaryDirectory profile;
    Process browser({"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + profile.path(),
                     "--virtual-time-budget=4000", "--dump-dom", url});
    const auto exit_code = browser.wait(120);
    if (exit_code == 127) return std::nullopt;
    EXPECT_EQ(exit_code, 0) << browser.err();
    return browser.out();
}

}  // namespace prh::test
