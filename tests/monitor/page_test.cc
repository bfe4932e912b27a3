// SPDX-License-Identifier: MIT
// The page as a browser shows it.
#include <nlohmann/json.hpp>

#include "monitor/emulated_scene.h"
#include "monitor/fake_control.h"
#include "monitor/recorded_state.h"
#include "monitor/served_page.h"
#include "support/browser.h"
#include "support/contains.h"
#include "support/environment.h"

namespace prh::test {
namespace {

class Page : public EmulatedScene {};

TEST_F(Page, ShowsDisksWithHolderAndKeys) {
    two_hosts_compete();
    ServedPage served(command({}));
    const std::string page = rendered(served.url()).value_or("");
    if (page.empty()) PRH_CANNOT_RUN("chromium is not installed");
    EXPECT_TRUE(contains(page, "<p id=\"helper\">prhelper-emulator ")) << page;
    EXPECT_TRUE(contains(page, "<h3>" + first_ + "</h3>")) << page;
    EXPECT_TRUE(contains(page, "<p>Held by: key 0xa1, Write Exclusive, registrants only</p>")) << page;
    EXPECT_TRUE(contains(page, "<tr class=\"holds\"><td>0xa1</td><td>yes</td>")) << page;
    EXPECT_TRUE(
        contains(page, "<td>0xb2</td><td></td><td>iqn.2026-01.prhelper.emulator:" + second_ + "</td>"))
        << page;
}

TEST(HostilePage, NamesStayText) {
    TemporaryDirectory directory;
    const std::string hostile =
        "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>";
    auto state = recorded_state();
    state["connections"][0]["name"] = hostile;
    state["devices"][0]["name"] = hostile;
    state["devices"][0]["last"]["status"] = hostile;
    FakeControl control(directory / "c", [&](const std::string&) { return state.dump() + "\n"; });
    ServedPage served({"--control=" + (directory / "c"), "--socket=" + (directory / "none")});
    const std::string page = rendered(served.url()).value_or("");
    if (page.empty()) PRH_CANNOT_RUN("chromium is not installed");
    EXPECT_TRUE(contains(page, "<h3>&lt;img src=x")) << page;
    EXPECT_TRUE(contains(page, "In flight for 1.5 s: PREEMPT of &lt;img")) << page;
    EXPECT_TRUE(contains(page, "<title>Persistent reservations</title>")) << page;
    EXPECT_FALSE(contains(page, "<img")) << page;
    EXPECT_TRUE(contains(page, "1 of 2 paths up, sdb transport-offline")) << page;
    EXPECT_TRUE(contains(page, "2 × Connections closed because the client broke the protocol")) << page;
}

}  // namespace
}  // namespace prh::test
