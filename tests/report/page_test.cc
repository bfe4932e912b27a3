// SPDX-License-Identifier: MIT
// prhelperctl report as a user runs it, on the audit of a real server, and its page in a browser.
#include <gtest/gtest.h>

#include "support/browser.h"
#include "support/contains.h"
#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/environment.h"

namespace prh::test {
namespace {

constexpr unsigned kRegister = 0, kReserve = 1, kPreempt = 4;

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

class Report : public ::testing::Test {
  protected:
    /// Beta takes over from alpha, which is told so and tries again.
    void fail_over() {
        const std::string audit = directory_ / "audit";
        Daemon daemon({"--audit=" + audit}, {}, "prhelper-emulator");
        write_file(directory_ / "alpha", "");
        ASSERT_EQ(::link((directory_ / "alpha").c_str(), (directory_ / "beta").c_str()), 0);
        const Descriptor alpha(directory_ / "alpha"), beta(directory_ / "beta");
        RawClient client = daemon.connect();
        const auto send = [&](const Descriptor& disk, unsigned action, unsigned type, std::uint64_t key,
                              std::uint64_t action_key) {
            ASSERT_TRUE(client.request(pr_out(action, type), disk.get(), key_list(key, action_key)));
        };
        send(alpha, kRegister, 0, 0, 0xA);
        send(beta, kRegister, 0, 0, 0xB);
        send(alpha, kReserve, 5, 0xA, 0);
        send(beta, kReserve, 5, 0xB, 0);
        send(beta, kPreempt, 5, 0xB, 0xA);
        send(alpha, kReserve, 5, 0xA, 0);
        EXPECT_EQ(daemon.end(), 0) << "the audit is whole then";
    }
    /// Of prhelperctl report; what it printed on standard error.
    std::string report(const std::vector<std::string>& arguments, int expected = 0) {
        std::vector<std::string> line{built("prhelperctl"), "report"};
        line.insert(line.end(), arguments.begin(), arguments.end());
        Process process(line);
        EXPECT_EQ(process.wait(), expected) << process.err();
        return process.err();
    }
    std::string shown(const std::string& filter = "") {
        const auto page = rendered("file://" + directory_ / "report.html" + filter);
        return page.value_or("");
    }

    TemporaryDirectory directory_;
};

TEST_F(Report, ShowsWhoWasRegisteredAndWhoHeldWhat) {
    fail_over();
    report({directory_ / "audit", "-o", directory_ / "report.html", "--title=A fail-over"});
    const std::string page = shown();
    if (page.empty()) PRH_CANNOT_RUN("chromium is not installed");
    EXPECT_TRUE(contains(page, "<h1 id=\"title\">A fail-over</h1>"));
    EXPECT_TRUE(contains(page, "<h3>alpha, beta</h3>")) << page;
    EXPECT_TRUE(contains(page, "<b>1</b>preemptions")) << page;
    EXPECT_EQ(count(page, "class=\"registered\" x="), 2U + 1U) << "two machines, and the legend";
    EXPECT_EQ(count(page, "class=\"held\" x="), 2U + 1U) << "one after the other";
    EXPECT_TRUE(contains(page, "alpha holds the reservation: Write Exclusive, registrants only, key 0xa"));
    EXPECT_TRUE(contains(page, ": preempted by beta</title>"));
    EXPECT_EQ(count(page, "class=\"mark preempt\""), 1U);
    EXPECT_GE(count(page, "class=\"mark conflict\""), 1U);
    EXPECT_TRUE(contains(page, "6 of 6 records"));
    EXPECT_EQ(count(page, "<tr class="), 6U);
}

TEST_F(Report, ShowsWhatTheAddressAsksFor) {
    fail_over();
    report({directory_ / "audit", "-o", directory_ / "report.html"});
    std::string page = shown("#who=beta&action=PREEMPT");
    if (page.empty()) PRH_CANNOT_RUN("chromium is not installed");
    EXPECT_TRUE(contains(page, "1 of 6 records")) << page;
    EXPECT_TRUE(contains(page, "<tr class=\"preempt\""));
    EXPECT_TRUE(contains(shown("#outcome=conflict"), "1 of 6 records"));
    EXPECT_TRUE(contains(shown("#outcome=failed"), "1 of 6 records")) << "the unit attention";
    EXPECT_TRUE(contains(shown("#text=0xb"), "3 of 6 records"));
    page = shown("#disk=nothing");
    EXPECT_TRUE(contains(page, "0 of 6 records"));
    EXPECT_FALSE(contains(page, "<article"));
}

TEST_F(Report, NamesThatAreMarkupStayText) {
    const std::string hostile = "<img src=x onerror=document.title='broken'>";
    write_file(directory_ / "audit",
               R"({"time":"2026-01-31T12:00:00.000000Z","event":"out","peer":{"pid":7,"name":")" + hostile +
                   R"("},"device":{"number":"8:16","name":")" + hostile + R"("},"action":")" + hostile +
                   R"(","key":"0x1","action_key":"0x2","status":"GOOD"})" + "\n");
    report({directory_ / "audit", "-o", directory_ / "report.html"});
    const std::string page = shown();
    if (page.empty()) PRH_CANNOT_RUN("chromium is not installed");
    EXPECT_TRUE(contains(page, "<title>Persistent reservations</title>")) << page;
    EXPECT_TRUE(contains(page, "&lt;img src=x")) << page;
    EXPECT_FALSE(contains(page, "<img")) << page;
}

TEST_F(Report, StaysUsableWithManyRecords) {
    std::string lines;
    for (int i = 0; i < 20'000; ++i)
        lines +=
            R"({"time":"2026-01-31T12:00:00.)" + std::to_string(100'000 + i) +
            R"(Z","event":"out","peer":{"pid":7},"device":{"number":"8:16","name":"sdb"},)" +
            R"("action":"RESERVE","type":5,"key":"0x1","action_key":"0x0","status":"RESERVATION CONFLICT"})" +
            "\n";
    write_file(directory_ / "audit", lines);
    report({directory_ / "audit", "-o", directory_ / "report.html"});
    const std::string page = shown();
    if (page.empty()) PRH_CANNOT_RUN("chromium is not installed");
    EXPECT_TRUE(contains(page, "20000 of 20000 records"));
    EXPECT_EQ(count(page, "<tr class="), 300U) << "the others are a button away";
    EXPECT_LT(count(page, "class=\"mark conflict\""), 200U)
        << "what falls on one another is one mark with a number";
}

TEST_F(Report, SaysWhatItCannotRead) {
    EXPECT_TRUE(contains(report({"/nowhere/audit"}, 15),
                         "cannot read the audit file '/nowhere/audit': No such file or directory"));
    EXPECT_TRUE(contains(report({"/"}, 15), "cannot read the audit file '/': Is a directory"));
    write_file(directory_ / "other", "Lorem ipsum\n");
    EXPECT_TRUE(contains(report({directory_ / "other", "-o", directory_ / "page"}, 97),
                         "there is no record of an audit in '" + directory_ / "other" +
                             "', and 1 lines that are something else"));
    EXPECT_FALSE(exists(directory_ / "page")) << "nothing is written then";
    fail_over();
    EXPECT_TRUE(contains(report({directory_ / "audit", "-o", "/nowhere/page"}, 15), "/nowhere/page"));
}

}  // namespace
}  // namespace prh::test
