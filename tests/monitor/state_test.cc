// SPDX-License-Identifier: MIT
#include "client/state.h"

#include <gtest/gtest.h>

#include "monitor/recorded_state.h"

namespace prh::ctl {
namespace {

using Json = nlohmann::json;

std::string refusal(const Json& state) {
    const auto parsed = parse_state(state.dump());
    return parsed ? "understood" : parsed.error().message;
}

TEST(MonitorState, DependenciesAreUnderstood) {
    Json json = test::recorded_state();
    json["dependencies"] = {{{"name", "multipathd"}, {"state", "unreachable"}, {"problem", "refused"}}};
    const auto state = parse_state(json.dump());
    ASSERT_TRUE(state) << state.error().message;
    ASSERT_EQ(state->dependencies.size(), 1U);
    EXPECT_EQ(state->dependencies[0].state, "unreachable");
    EXPECT_EQ(state->dependencies[0].problem, "refused");
    json["dependencies"][0].erase("state");
    EXPECT_NE(refusal(json).find("dependencies[0].state: it is missing"), std::string::npos) << refusal(json);
}

TEST(MonitorState, EverythingIsUnderstood) {
    const auto state = parse_state(test::recorded_state().dump());
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_EQ(state->helper.version, "0.1.0");
    EXPECT_EQ(state->counter("requests"), 3456U);
    EXPECT_EQ(state->counter("of a newer helper"), 0U);
    EXPECT_EQ(state->limits.at("max_connections"), 4096U);
    ASSERT_EQ(state->connections.size(), 3U);
    EXPECT_EQ(state->connections[0].device, 2U);
    EXPECT_EQ(state->connections[0].age_us, 1500000U);
    EXPECT_TRUE(state->connections[0].in_flight());
    EXPECT_FALSE(state->connections[1].age_us);
    EXPECT_EQ(state->connections[2].name, "");
    const DeviceState* const map = state->device(2);
    ASSERT_NE(map, nullptr);
    EXPECT_EQ(map->paths.size(), 2U);
    EXPECT_EQ(map->paths_up(), 1U);
    EXPECT_EQ(map->registrants[0].name, "VM db1");
    EXPECT_EQ(map->results.at("RESERVATION CONFLICT"), 1U);
    EXPECT_EQ(map->last->action, "RESERVE");
    EXPECT_EQ(map->device_us.total(), 100U);
    EXPECT_FALSE(state->device(3)->last);
    EXPECT_EQ(state->device(4), nullptr);
    EXPECT_TRUE(state->dependencies.empty()) << "of an older helper";
}

TEST(MonitorState, WhatANewerHelperAddsIsPassedOver) {
    Json state = test::recorded_state();
    state["new"] = {{"a", Json::array({1, "b"})}};
    state["devices"][0]["new"] = 1.5;
    state["counters"]["new"] = {{"not", "a count"}};
    EXPECT_EQ(refusal(state), "understood");
}

TEST(MonitorState, WhatIsWrongIsNamedByItsPlace) {
    Json state = test::recorded_state();
    state["devices"][0]["paths"][1].erase("number");
    EXPECT_EQ(refusal(state),
              "the answer of the control socket is not as doc/control.md has it: "
              "devices[0].paths[1].number: it is missing");
    state = test::recorded_state();
    state["connections"][0]["pid"] = "4242";
    EXPECT_NE(refusal(state).find("connections[0].pid: it is no integer"), std::string::npos);
    state = test::recorded_state();
    state["device_us"]["counts"].erase(0);
    EXPECT_NE(refusal(state).find("device_us.counts: it is of 17 numbers, and bounds_us asks for 18"),
              std::string::npos);
}

TEST(MonitorState, EveryMemberMayBeMissingOrOfAnyType) {
    const Json whole = test::recorded_state();
    const Json flat = whole.flatten();
    for (const auto& [way, value] : flat.items()) {
        for (const Json& wrong : {Json(), Json("text"), Json(-1), Json(1.5), Json::array(), Json::object()}) {
            Json state = whole;
            state[Json::json_pointer(way)] = wrong;
            EXPECT_FALSE(refusal(state).empty()) << way;  // an answer, and no crash
        }
    }
}

TEST(MonitorState, WhatIsNoStateIsRefused) {
    for (const char* const text : {"", "{", "[]", "null", "\"a\"", "{}", "HTTP/1.1 400 Bad Request"}) {
        const auto parsed = parse_state(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().exit_code, ExitCode::MalformedAnswer);
    }
    EXPECT_EQ(parse_state(R"({"error": "no such question"})").error().message,
              "the helper refuses: no such question");
}

TEST(MonitorState, AnotherVersionIsRefusedWithAdvice) {
    Json state = test::recorded_state();
    state["version"] = 2;
    EXPECT_NE(refusal(state).find("version: it is 2, and this program understands 1"), std::string::npos);
}

}  // namespace
}  // namespace prh::ctl
