// SPDX-License-Identifier: MIT
// What multipathd 0.9.4 answers, as values.
#include "diagnose/multipath_words.h"

#include <gtest/gtest.h>

namespace prh::test {
namespace {

using namespace prh::ctl;

constexpr char kConfig[] =
    "defaults {\n"
    "\tverbosity 2\n"
    "\tprkeys_file \"/etc/multipath/prkeys\"\n"
    "\treservation_key \"file\"\n"
    "}\n"
    "devices {\n"
    "\tdevice {\n"
    "\t\tvendor \"(LIO-ORG|SUSE)\"\n"
    "\t\tno_path_retry 12\n"
    "\t}\n"
    "}\n"
    "multipaths {\n"
    "\tmultipath {\n"
    "\t\twwid \"360014050000000000000000000000001\"\n"
    "\t\talias \"mpatha\"\n"
    "\t\treservation_key 0x1111\n"
    "\t\t# alias \"mpatha\"\n"
    "\t}\n"
    "\tmultipath {\n"
    "\t\talias \"mpathb\"\n"
    "\t\twwid \"360014050000000000000000000000002\"\n"
    "\t}\n"
    "}\n";

TEST(MultipathConfig, ASectionOfTheMapWinsOverTheDefaults) {
    EXPECT_EQ(configured_for_map(kConfig, "360014050000000000000000000000001", "reservation_key"), "0x1111");
    EXPECT_EQ(configured_for_map(kConfig, "360014050000000000000000000000002", "reservation_key"), "file");
    EXPECT_EQ(configured_for_map(kConfig, "3600", "reservation_key"), "file");
}

TEST(MultipathConfig, WhatIsNowhereIsNothing) {
    EXPECT_EQ(configured_for_map(kConfig, "3600", "reservation"), std::nullopt);
    EXPECT_EQ(configured_for_map(kConfig, "3600", "no_path_retry"), std::nullopt) << "an array's section";
    EXPECT_EQ(configured_for_map("", "3600", "reservation_key"), std::nullopt);
    EXPECT_EQ(configured_for_map("}}\n{\nx", "3600", "reservation_key"), std::nullopt);
}

TEST(MapState, SaysWhatIsDoneWithoutAPath) {
    constexpr char kReply[] =
        "{\"map\":{\"name\":\"mpatha\",\"queueing\":\"on\",\"features\":\"1 queue_if_no_path\"}}\n";
    const auto state = parse_map_state({kReply, sizeof kReply});  // with the NUL that ends a reply
    ASSERT_TRUE(state);
    EXPECT_EQ(state->queueing, "on");
    EXPECT_EQ(state->features, "1 queue_if_no_path");
}

TEST(MapState, AnythingElseIsNothing) {
    for (const char* text : {"", "fail\n", "ok\n", "[]", "{}", "{\"map\":{}}", "{\"map\":{\"queueing\":1}}"})
        EXPECT_FALSE(parse_map_state(text)) << text;
}

}  // namespace
}  // namespace prh::test
