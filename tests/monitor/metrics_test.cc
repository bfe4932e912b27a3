// SPDX-License-Identifier: MIT
#include "monitor/metrics.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "monitor/recorded_state.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

std::string metrics_of(const Json& state, Exposition format = Exposition::Prometheus) {
    const auto parsed = parse_state(state.dump());
    return parsed ? render_metrics(*parsed, format) : parsed.error().message;
}

std::vector<std::string> samples(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with('#')) all.push_back(line);
    return all;
}

#define EXPECT_LINE(text, line) \
    EXPECT_NE((text).find(std::string("\n") + (line) + "\n"), std::string::npos) << (line)

TEST(MonitorMetrics, TellWhatTheHelperIs) {
    const std::string text = metrics_of(test::recorded_state());
    EXPECT_LINE(text, "prhelper_up 1");
    EXPECT_LINE(text, R"(prhelper_build_info{program="qemu-pr-helper",version="0.1.0"} 1)");
    EXPECT_LINE(text, "prhelper_start_time_seconds 1769860800.25");
    EXPECT_LINE(text, "prhelper_draining 0");
    EXPECT_LINE(text, "# TYPE prhelper_requests_total counter");
    EXPECT_LINE(text, "prhelper_requests_total 3456");
    EXPECT_LINE(text, "prhelper_protocol_violations_total 2");
    EXPECT_LINE(text, R"(prhelper_open_connections{state="idle"} 1)");
    EXPECT_LINE(text, R"(prhelper_open_connections{state="executing"} 1)");
    EXPECT_LINE(text, R"(prhelper_open_connections{state="waiting"} 0)");
    EXPECT_LINE(text, "prhelper_oldest_request_age_seconds 1.5");
}

TEST(MonitorMetrics, TellOfEveryDevice) {
    const std::string text = metrics_of(test::recorded_state());
    const std::string map = R"(device="mpatha",wwid="naa.6001405aaaaaaaa1")";
    EXPECT_LINE(text, "prhelper_device_info{" + map + R"(,kind="multipath",number="253:0"} 1)");
    EXPECT_LINE(text, "prhelper_device_commands_total{" + map + R"(,result="RESERVATION CONFLICT"} 1)");
    EXPECT_LINE(text, "prhelper_device_requests_in_flight{" + map + "} 1");
    EXPECT_LINE(text, "prhelper_device_oldest_request_age_seconds{" + map + "} 1.5");
    EXPECT_LINE(text, "prhelper_device_registrants{" + map + "} 1");
    EXPECT_LINE(text, "prhelper_device_paths{" + map + R"(,state="up"} 1)");
    EXPECT_LINE(text, "prhelper_device_paths{" + map + R"(,state="down"} 1)");
    EXPECT_LINE(text, R"(prhelper_device_requests_in_flight{device="sdc",wwid=""} 0)");
}

TEST(MonitorMetrics, HistogramsAreCumulativeAndInSeconds) {
    const std::string text = metrics_of(test::recorded_state());
    const std::string map = R"(device="mpatha",wwid="naa.6001405aaaaaaaa1")";
    const std::string name = "prhelper_device_command_duration_seconds";
    EXPECT_LINE(text, name + "_bucket{" + map + R"(,le="0.00025"} 0)");
    EXPECT_LINE(text, name + "_bucket{" + map + R"(,le="0.0005"} 90)");
    EXPECT_LINE(text, name + "_bucket{" + map + R"(,le="1.0"} 99)");
    EXPECT_LINE(text, name + "_bucket{" + map + R"(,le="30.0"} 99)");
    EXPECT_LINE(text, name + "_bucket{" + map + R"(,le="+Inf"} 100)");
    EXPECT_LINE(text, name + "_sum{" + map + "} 35.081234");
    EXPECT_LINE(text, name + "_count{" + map + "} 100");
    EXPECT_LINE(text, "prhelper_queue_duration_seconds_count 3456");
}

TEST(MonitorMetrics, ValuesOfLabelsAreEscaped) {
    EXPECT_NE(metrics_of(test::recorded_state()).find(R"(result="CHECK CONDITION, \"odd\" \\ one"} 3)"),
              std::string::npos);
    Json state = test::recorded_state();
    state["devices"][0]["name"] = "a\nprhelper_up 0\n";
    const std::string text = metrics_of(state);
    EXPECT_NE(text.find(R"(device="a\nprhelper_up 0\n")"), std::string::npos);
    EXPECT_EQ(text.find("\nprhelper_up 0"), std::string::npos);
}

TEST(MonitorMetrics, NoSeriesIsGivenTwice) {
    Json state = test::recorded_state();
    Json again = state["devices"][0];  // the name and the WWID of a device that has gone
    again["id"] = 9;
    again["number"] = "253:7";
    again["registrants"] = Json::array();
    state["devices"].push_back(again);
    const std::string text = metrics_of(state);
    std::set<std::string> series;
    for (const std::string& line : samples(text))
        EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
    const std::string map = R"(device="mpatha",wwid="naa.6001405aaaaaaaa1")";
    EXPECT_LINE(text, "prhelper_device_commands_total{" + map + R"(,result="GOOD"} 198)");
    EXPECT_LINE(text, "prhelper_device_registrants{" + map + "} 0");
    EXPECT_NE(text.find(R"(number="253:7")"), std::string::npos);
}

TEST(MonitorMetrics, WhatADeviceInventsIsBounded) {
    Json state = test::recorded_state();
    for (int i = 0; i < 1000; ++i) state["devices"][0]["results"]["CHECK CONDITION " + std::to_string(i)] = 1;
    const std::string text = metrics_of(state);
    std::size_t series = 0;
    std::uint64_t commands = 0;
    for (const std::string& line : samples(text)) {
        if (!line.starts_with("prhelper_device_commands_total{device=\"mpatha\"")) continue;
        ++series;
        commands += std::stoul(line.substr(line.rfind(' ')));
    }
    EXPECT_EQ(series, kMaximumResults + 1);
    EXPECT_EQ(commands, 1103U);
}

TEST(MonitorMetrics, OpenMetricsNamesFamiliesWithoutTotalAndEnds) {
    const std::string text = metrics_of(test::recorded_state(), Exposition::OpenMetrics);
    EXPECT_LINE(text, "# TYPE prhelper_requests counter");
    EXPECT_LINE(text, "prhelper_requests_total 3456");
    EXPECT_LINE(text, "# UNIT prhelper_command_duration_seconds seconds");
    EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST(MonitorMetrics, EveryFamilyHasHelpAndType) {
    const std::string text = metrics_of(test::recorded_state());
    const std::regex suffix("(_bucket|_sum|_count)$");
    for (const std::string& line : samples(text)) {
        const std::string name = line.substr(0, line.find_first_of("{ "));
        const std::string family = std::regex_replace(name, suffix, "");
        EXPECT_NE(text.find("# TYPE " + family + " "), std::string::npos) << name;
        EXPECT_NE(text.find("# HELP " + family + " "), std::string::npos) << name;
    }
}

TEST(MonitorMetrics, AnAbsentHelperIsDown) {
    EXPECT_LINE(render_metrics_of_absent(Exposition::Prometheus), "prhelper_up 0");
}

}  // namespace
}  // namespace prh::ctl
