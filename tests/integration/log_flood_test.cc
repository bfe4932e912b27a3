// SPDX-License-Identifier: MIT
// However many clients misbehave, the log stays readable: a bounded number of lines, and a count of the rest.
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "support/daemon.h"

namespace prh::test {
namespace {

struct Counted {
    int complaints = 0;
    int left_out = 0;
    int notes = 0;  // lines that say how many were left out
};

Counted count(const std::string& err) {
    Counted counted;
    std::istringstream lines(err);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("Invalid CDB") != std::string::npos) ++counted.complaints;
        const auto note = line.find(" messages about clients left out");
        if (note == std::string::npos) continue;
        ++counted.notes;
        counted.left_out += std::stoi(line.substr(line.rfind(' ', note - 1) + 1));
    }
    return counted;
}

TEST(LogFlood, TenThousandBadConnectionsMakeAFewLinesAndACount) {
    using Clock = std::chrono::steady_clock;
    constexpr int kBad = 10'000;
    Daemon daemon;
    RawClient good = daemon.connect();
    EXPECT_TRUE(good.send_request({0xFF}, null_device()) && good.read_reply());  // a request without a line
    const auto begun = Clock::now();
    for (int i = 0; i < kBad; ++i) {
        RawClient client;
        ASSERT_TRUE(client.connect(daemon.socket()));
        ASSERT_TRUE(client.send_bytes(Bytes(4)));
        ASSERT_TRUE(client.send_request({0x12}, null_device()));
        ASSERT_TRUE(client.read_bytes(4));
        ASSERT_TRUE(client.closed_by_peer());
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begun).count();
    const Counted during = count(daemon.process().err());
    EXPECT_GE(during.complaints, 50);
    EXPECT_LE(during.complaints + during.notes, 2 * (50 + 5 * (seconds + 1)));

    // The next line, once there may be one again, says how many are missing.
    EXPECT_TRUE(eventually([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        RawClient client = daemon.connect();
        return client.send_request({0x60}, -1) && client.closed_by_peer() &&
               daemon.process().err_contains("No file descriptor in request.", 0);
    }));
    const Counted all = count(daemon.process().err());
    EXPECT_EQ(all.complaints + all.left_out, kBad) << "every one is accounted for";
    EXPECT_TRUE(good.send_request({0xFF}, null_device()));
    EXPECT_EQ(good.read_reply()->brief(), "00");
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_TRUE(daemon.process().err_contains(std::to_string(all.left_out) +
                                              " lines about clients were left out of the log (--log-rate)"));
}

}  // namespace
}  // namespace prh::test
