// SPDX-License-Identifier: MIT
// Audit files as they may be found: torn, of several hosts, of another version.
#include "report/audit_log.h"

#include <gtest/gtest.h>

#include <sstream>

#include "report/report_page.h"

namespace prh::ctl::test {
namespace {

std::string record(const std::string& time,
                   const std::string& more = R"("device":{"number":"8:16","name":"sdb"})") {
    return R"({"time":")" + time + R"(","event":"out","peer":{"pid":7,"uid":0,"gid":0,"name":"VM db1"},)" +
           more + R"(,"action":"REGISTER","key":"0x0","action_key":"0xa","status":"GOOD","device_us":5})" +
           "\n";
}

AuditLog log_of(const std::string& text) {
    AuditLog log;
    std::istringstream in(text);
    log.read(in, "alpha");
    log.replay();
    return log;
}

TEST(AuditLog, LosesNothingButWhatIsNoRecord) {
    const AuditLog log =
        log_of(record("2026-01-31T12:00:00.000001Z") + "{\"time\":\"2026-01-\n\nnull\n[1]\n" +
               R"({"event":"out","time":5})" + "\n" + R"({"event":"dropped","records":3})" + "\n" +
               record("2026-01-31T12:00:00.000003Z"));
    EXPECT_EQ(log.unreadable(), 4U);
    EXPECT_EQ(log.dropped(), 3);
    ASSERT_EQ(log.events().size(), 3U);
    EXPECT_EQ(log.events()[1].time, log.events()[0].time) << "it stands behind the one before";
}

TEST(AuditLog, PutsFilesOfSeveralHostsInTheOrderOfTime) {
    AuditLog log;
    std::istringstream late(record("2026-01-31T12:00:02.000000Z")),
        early(record("2026-01-31T12:00:01.000000Z"));
    log.read(late, "alpha");
    log.read(early, "beta");
    log.replay();
    EXPECT_EQ(log.events()[0].host, "beta");
    EXPECT_EQ(log.disks().size(), 2U)
        << "without a name of the disk's own, the nodes of two hosts are two disks";
}

TEST(AuditLog, KnowsADiskByItsOwnName) {
    AuditLog log;
    const std::string wwid = R"("device":{"number":"8:16","name":"sdb","wwids":["naa.1"]})";
    const std::string other = R"("device":{"number":"253:0","name":"mpatha","wwids":["naa.1"]})";
    std::istringstream one(record("2026-01-31T12:00:02.000000Z", wwid)),
        two(record("2026-01-31T12:00:01.000000Z", other));
    log.read(one, "alpha");
    log.read(two, "beta");
    log.replay();
    ASSERT_EQ(log.disks().size(), 1U);
    EXPECT_EQ(log.disks().begin()->second.nodes,
              (std::vector<std::string>{"beta: mpatha (253:0)", "alpha: sdb (8:16)"}));
}

TEST(AuditLog, TimesAreReadToTheMicrosecond) {
    EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01.000042Z"), 1'000'042);
    EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01Z"), 1'000'000);
    EXPECT_FALSE(parse_timestamp("1970-01-01 00:00:01"));
    EXPECT_FALSE(parse_timestamp(""));
}

TEST(ReportPage, NothingInARecordIsMarkup) {
    const std::string hostile = "</script><script>alert(1)</script>{{style}}{{title}}";
    const AuditLog log = log_of(
        record("2026-01-31T12:00:01.000000Z", R"("device":{"number":"8:16","name":")" + hostile + R"("})"));
    const std::string page = report_page(log, hostile);
    EXPECT_EQ(page.find("</script><script>alert"), page.npos);
    EXPECT_NE(page.find("&lt;/script&gt;"), page.npos) << "the title is escaped";
    std::size_t scripts = 0;
    for (std::size_t at = page.find("</script>"); at != page.npos; at = page.find("</script>", at + 1))
        ++scripts;
    EXPECT_EQ(scripts, 2U) << "the records and the program";
    EXPECT_EQ(page.find("http://"), page.find("http://www.w3.org/2000/svg")) << "nothing is fetched";
    EXPECT_EQ(page.find("https://"), page.npos);
}

}  // namespace
}  // namespace prh::ctl::test
