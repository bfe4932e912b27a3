// SPDX-License-Identifier: MIT
// What status and events show of what a helper says.
#include <gtest/gtest.h>

#include "monitor/event_line.h"
#include "monitor/recorded_state.h"
#include "monitor/status.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

std::string status_of(const Json& state) {
    const auto parsed = parse_state(state.dump());
    return parsed ? render_status(*parsed) : parsed.error().message;
}

TEST(MonitorStatus, FitsOnAScreen) {
    EXPECT_EQ(
        status_of(test::recorded_state()),
        "qemu-pr-helper 0.1.0, pid 812, up 1 d 0 h, 3456 requests in 12 connections, 3 open\n"
        "\n"
        "Worth a look, since the start:\n"
        "  COUNT  WHAT\n"
        "  2      Connections closed because the client broke the protocol\n"
        "\n"
        "Devices:\n"
        "  DEVICE  KIND       WWID                  PATHS UP  REGISTERED  COMMANDS  P50 / P99        LAST\n"
        "  mpatha  multipath  naa.6001405aaaaaaaa1  1/2       1           103       388 us / 1.0 ms  "
        "RESERVE: "
        "GOOD\n"
        "  sdc     disk       -                     -         0           0         -                -\n"
        "\n"
        "Clients:\n"
        "  CLIENT  PID   UID  CONNECTIONS  IN FLIGHT\n"
        "  -       99    0    1            0\n"
        "  VM db1  4242  107  2            1\n"
        "\n"
        "In flight:\n"
        "  FOR     STATE      DEVICE  ACTION   CLIENT\n"
        "  1.5 s   executing  mpatha  PREEMPT  VM db1 (pid 4242)\n"
        "  300 us  receiving  -       -        pid 99\n");
}

TEST(MonitorStatus, AQuietHelperIsSaidToBeQuiet) {
    Json state = test::recorded_state();
    state["connections"] = Json::array();
    state["devices"] = Json::array();
    state["counters"]["protocol_violations"] = 0;
    EXPECT_EQ(
        status_of(state),
        "qemu-pr-helper 0.1.0, pid 812, up 1 d 0 h, 3456 requests in 12 connections, 0 open\n"
        "\nDevices: no request has been made for one\n\nClients: none is connected\n\nIn flight: nothing\n");
}

TEST(MonitorStatus, AnEndingHelperIsSeenAtOnce) {
    Json state = test::recorded_state();
    state["helper"]["draining"] = true;
    EXPECT_NE(status_of(state).find("ENDING (it drains)"), std::string::npos);
}

TEST(MonitorStatus, HostileNamesAreHarmless) {
    Json state = test::recorded_state();
    for (Json& connection : state["connections"]) connection["name"] = "VM \x1b[2J\r\nevil";
    state["devices"][0]["name"] = "\x1b]0;x\x07";
    state["devices"][0]["last"]["action"] = "\x1b[31m";
    state["helper"]["version"] = "\x1b[0m";
    const std::string text = status_of(state);
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_EQ(text.find('\r'), std::string::npos);
    EXPECT_NE(text.find("VM \\x1b[2J\\x0d\\x0aevil"), std::string::npos) << text;
}

constexpr char kRecord[] = R"json({
  "time": "2026-01-31T12:00:00.000012Z", "event": "out",
  "peer": {"pid": 4242, "uid": 107, "gid": 107, "name": "VM db1"},
  "device": {"number": "253:0", "name": "mpatha", "wwids": ["naa.6001405aaaaaaaa1"], "paths": []},
  "action": "PREEMPT", "type": 5, "type_name": "Write Exclusive, registrants only",
  "key": "0xa", "action_key": "0xb", "aptpl": false,
  "status": "CHECK CONDITION", "sense": "ILLEGAL REQUEST (5/20/00)", "queued_us": 1500, "device_us": 812
})json";

TEST(MonitorEvents, ARecordIsOneReadableLine) {
    EXPECT_EQ(
        event_line(kRecord),
        "2026-01-31 12:00:00.000012Z  VM db1 (pid 4242)  PREEMPT on mpatha (naa.6001405aaaaaaaa1), Write "
        "Exclusive, registrants only, key 0xa, action key 0xb: CHECK CONDITION, ILLEGAL REQUEST (5/20/00) "
        "in 812 us after waiting 1.5 ms");
}

TEST(MonitorEvents, LostRecordsAreTold) {
    EXPECT_EQ(event_line(R"({"event":"dropped","records":7})"),
              "(7 records missing here: this reader was too slow)");
}

TEST(MonitorEvents, WhatIsNotUnderstoodIsShownAsItIsButHarmless) {
    EXPECT_EQ(event_line("{\"new\":1}"), "{\"new\":1}");
    EXPECT_EQ(event_line("\x1b[2J"), "\\x1b[2J");
    const Json whole = Json::parse(kRecord);
    const Json flat = whole.flatten();
    for (const auto& [way, value] : flat.items()) {
        for (const Json& wrong : {Json(), Json("\x1b[2J"), Json(-1), Json::array()}) {
            Json record = whole;
            record[Json::json_pointer(way)] = wrong;
            EXPECT_EQ(event_line(record.dump()).find('\x1b'), std::string::npos) << way;
        }
    }
}

}  // namespace
}  // namespace prh::ctl
