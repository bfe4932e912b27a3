// SPDX-License-Identifier: MIT
// The pictures of the live view, and what they are made of.
#include <gtest/gtest.h>

#include "client/disk_question.h"
#include "monitor/key_owners.h"
#include "monitor/listen_address.h"
#include "monitor/recorded_state.h"
#include "monitor/watch_frame.h"
#include "support/contains.h"

namespace prh::ctl {
namespace {

using test::contains;
using Json = nlohmann::json;

HelperState state_of(const Json& json) {
    auto parsed = parse_state(json.dump());
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    return parsed ? *parsed : HelperState{};
}

DiskView answered() {
    DiskAnswer answer;
    answer.registrations = {{ReservationKey{0xa1}, true, "iqn.2026-01.example:\x1b[2J", "1"},
                            {ReservationKey{0xb2}, false, "", ""}};
    answer.held = HeldReservation{ReservationKey{0xa1}, kLogicalUnitScope, 5};
    return {answer, ""};
}

constexpr char kRegister[] =
    R"({"event": "out", "peer": {"pid": 4242, "name": "VM db1"}, "device": {"name": "mpatha"},
                                 "action": "REGISTER", "status": "GOOD", "key": "0x0", "action_key": "0xa1"})";

TEST(MonitorPicture, ShowsADiskWithHolderKeysAndWhoIsBehindThem) {
    KeyOwners owners;
    EXPECT_EQ(owners.learn(kRegister), "mpatha");
    const std::string picture = watch_frame(state_of(test::recorded_state()), {{2, answered()}}, owners, 0);
    EXPECT_TRUE(
        contains(picture, "mpatha  multipath  naa.6001405aaaaaaaa1  paths 1/2 up, sdb transport-offline\n"))
        << picture;
    EXPECT_TRUE(contains(picture, "held by: key 0xa1, Write Exclusive, registrants only\n")) << picture;
    EXPECT_TRUE(
        contains(picture, "0xa1  yes    iqn.2026-01.example:\\x1b[2J  1            VM db1 (pid 4242)\n"))
        << picture;
    EXPECT_TRUE(contains(picture, "0xb2  -      -")) << picture;
    EXPECT_TRUE(contains(picture, "in flight for 1.5 s: PREEMPT of VM db1 (pid 4242)\n")) << picture;
    EXPECT_TRUE(contains(picture, "registered through this helper: VM db1 (pid 4242)\n")) << picture;
    EXPECT_TRUE(contains(picture, "last: RESERVE of VM db1 (pid 4242): GOOD in 812 us\n")) << picture;
}

TEST(MonitorPicture, WhatIsNotKnownIsSaidToBeUnknown) {
    DiskView problem;
    problem.problem = "it has not answered yet";
    const HelperState state = state_of(test::recorded_state());
    EXPECT_TRUE(contains(watch_frame(state, {{2, problem}}, {}, 0),
                         "keys and holder unknown: it has not answered yet\n"));
    DiskView before = answered();
    before.problem = problem.problem;
    EXPECT_TRUE(contains(watch_frame(state, {{2, before}}, {}, 0),
                         "keys and holder are of before: it has not answered yet\n"));
}

TEST(MonitorPicture, WhoOnlyLooksIsNotShown) {
    const HelperState state = state_of(test::recorded_state());
    EXPECT_TRUE(contains(watch_frame(state, {}, {}, 0), "pid 99"));
    const std::string without = watch_frame(state, {}, {}, 99);
    EXPECT_FALSE(contains(without, "99 ")) << without;
    EXPECT_TRUE(contains(without, "2 open")) << without;
}

TEST(MonitorPicture, IsCutToTheTerminal) {
    const std::string text = "one\ntwo\nGrüße\nfour\n";
    EXPECT_EQ(clip(text, 10, 80), text);
    EXPECT_EQ(clip(text, 4, 3), "one\ntwo\nGrü\nfou\n");
    EXPECT_EQ(clip(text, 3, 80), "one\ntwo\n... 2 lines more\n");
    EXPECT_EQ(clip(text, 1, 3), "...\n");
    EXPECT_EQ(clip("", 5, 5), "");
}

TEST(MonitorPicture, HoldersAreNamedByTheirKind) {
    DiskAnswer answer;
    EXPECT_EQ(holder_of(answer), "nobody");
    answer.held = HeldReservation{ReservationKey{}, kLogicalUnitScope, 7};
    EXPECT_EQ(holder_of(answer), "every registrant, Write Exclusive, all registrants");
    answer.held = HeldReservation{ReservationKey{0xa}, kLogicalUnitScope, 12};
    EXPECT_EQ(holder_of(answer), "key 0xa, type 12, which SPC-4 has not");
}

TEST(MonitorKeyOwners, LearnOfRegistrationsThatWereGood) {
    KeyOwners owners;
    Json record = Json::parse(kRegister);
    record["status"] = "RESERVATION CONFLICT";
    EXPECT_EQ(owners.learn(record.dump()), "mpatha") << "it was touched all the same";
    EXPECT_EQ(owners.of("mpatha", "0xa1"), "");
    record["status"] = "GOOD";
    record["action"] = "PREEMPT";
    EXPECT_EQ(owners.learn(record.dump()), "mpatha");
    EXPECT_EQ(owners.of("mpatha", "0xa1"), "");
    EXPECT_EQ(owners.learn(kRegister), "mpatha");
    EXPECT_EQ(owners.of("mpatha", "0xa1"), "VM db1 (pid 4242)");
    EXPECT_EQ(owners.of("sdb", "0xa1"), "");
    for (const char* const other : {"", "{}", "[1]", R"({"event":"dropped","records":3})"})
        EXPECT_EQ(owners.learn(other), "") << other;
}

TEST(MonitorNodes, AreThoseOfTheKindOfDevice) {
    DeviceState device;
    device.name = "mpatha";
    device.kind = "multipath";
    EXPECT_EQ(*node_of(device), "/dev/mapper/mpatha");
    device.kind = "disk";
    EXPECT_EQ(*node_of(device), "/dev/mpatha");
    device.kind = "other";
    EXPECT_FALSE(node_of(device));
    device.kind = "emulated";
    EXPECT_FALSE(node_of(device)) << "a name is no path";
    device.name = "/srv/disk";
    EXPECT_EQ(*node_of(device), "/srv/disk");
    for (const char* const kind : {"disk", "multipath", "generic"}) {
        device.kind = kind;
        for (const char* const odd : {"../etc/shadow", "a/b", ""}) {
            device.name = odd;
            EXPECT_FALSE(node_of(device)) << kind << " " << odd;
        }
    }
}

TEST(MonitorListening, AddressesAreNumericAndHavePorts) {
    const auto four = parse_listen_address("127.0.0.1:9798");
    ASSERT_TRUE(four);
    EXPECT_EQ(four->url(four->port), "http://127.0.0.1:9798/");
    EXPECT_TRUE(four->loopback);
    const auto six = parse_listen_address("[::1]:0");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->url(80), "http://[::1]:80/");
    EXPECT_TRUE(six->loopback);
    EXPECT_TRUE(parse_listen_address("localhost:1")->loopback);
    EXPECT_FALSE(parse_listen_address("192.0.2.1:1")->loopback);
    EXPECT_FALSE(parse_listen_address("[::]:1")->loopback);
    for (const char* const wrong :
         {"", ":", "9798", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1x",
          "host:1", "::1:1", "[::1]", "[::1", "[::1]x:1", "[]:1"})
        EXPECT_FALSE(parse_listen_address(wrong)) << wrong;
}

TEST(MonitorListening, OnlyNamesOfLoopbackAreItsOwn) {
    for (const char* const own :
         {"localhost", "localhost:1", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:80"})
        EXPECT_TRUE(names_loopback(own)) << own;
    for (const char* const other :
         {"", "example.org", "127.0.0.1.example.org", "128.0.0.1", "[::2]", "[::1]x", "127.1"})
        EXPECT_FALSE(names_loopback(other)) << other;
}

}  // namespace
}  // namespace prh::ctl
