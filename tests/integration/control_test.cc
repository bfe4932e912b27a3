// SPDX-License-Identifier: MIT
// What the control socket of a real server tells.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "integration/control_fixture.h"
#include "support/environment.h"
#include "support/listening_socket.h"
#include "support/refused_call.h"

namespace prh::test {
namespace {

constexpr unsigned kRegister = 0, kReserve = 1;

TEST_F(ControlTest, TellsWhoItIs) {
    serve({"--request-timeout=7", "--shared-nexus=deny", "--timeout=12"});
    const Json state = this->state();
    EXPECT_EQ(state["version"], 1);
    EXPECT_EQ(state["helper"]["program"], "qemu-pr-helper");
    EXPECT_EQ(state["helper"]["pid"], daemon_->pid());
    EXPECT_EQ(state["helper"]["shared_nexus"], "deny");
    EXPECT_EQ(state["helper"]["draining"], false);
    EXPECT_EQ(state["limits"]["request_timeout_us"], 7'000'000);
    EXPECT_EQ(state["limits"]["device_timeout_us"], 12'000'000);
    EXPECT_TRUE(state["connections"].empty());
    EXPECT_TRUE(state["devices"].empty());
    EXPECT_EQ(state["counters"]["log_lines_left_out"], 0);
    EXPECT_FALSE(state["counters"].contains("audit_dropped")) << "there is no audit file";
    EXPECT_EQ(state["counters"]["requests"], 0);
}

TEST_F(ControlTest, TellsHowItIsConfined) {
    if (kSanitized) GTEST_SKIP() << "a sanitized program has no filter";
    const Json without = {{"seccomp", "enforce"}, {"landlock", 0}},
               off = {{"seccomp", "off"}, {"landlock", 0}};
    serve();
    EXPECT_EQ(state()["confinement"]["seccomp"], "enforce");
    EXPECT_GE(state()["confinement"]["landlock"], 0);
    EXPECT_EQ(daemon_->end(), 0);
    serve({"--seccomp=off"});
    EXPECT_EQ(state()["confinement"], off);
    EXPECT_EQ(daemon_->process().err(), "");
    EXPECT_EQ(daemon_->end(), 0);

    ProcessOptions old_kernel;
    old_kernel.before_exec = [] { refuse_call(444, ENOSYS); };  // landlock_create_ruleset, Linux 5.13
    serve({}, "qemu-pr-helper", old_kernel);
    EXPECT_EQ(state()["confinement"], without);
    EXPECT_EQ(daemon_->end(), 0);
    const std::string said = daemon_->process().err();
    EXPECT_NE(said.find("has no Landlock"), std::string::npos) << said;
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
}

TEST_F(ControlTest, TellsWhetherItGetsToMultipathd) {
    const std::string address = directory_ / "multipathd";
    serve({"--multipathd-socket=" + address});
    const auto multipathd = [&] { return state()["dependencies"][0]; };
    EXPECT_EQ(multipathd()["name"], "multipathd");
    EXPECT_EQ(multipathd()["state"], "unreachable");
    EXPECT_EQ(multipathd()["problem"], address + ": No such file or directory");
    {
        const Descriptor listener = listening_socket(address);
        EXPECT_EQ(multipathd()["state"], "connected");
        EXPECT_FALSE(multipathd().contains("problem"));
    }
    EXPECT_EQ(daemon_->end(), 0);  // a killed one would leave its socket behind
    serve({"--multipath=off"});
    EXPECT_EQ(state()["dependencies"], Json::array()) << "no map is served";
}

TEST_F(ControlTest, KeepsWhatCameOfRequestsForEachDevice) {
    serve_emulated();
    RawClient client = daemon_->connect();
    ASSERT_TRUE(client.request(pr_out(kRegister, 0), disk_.get(), key_list(0, 0xA)));
    ASSERT_TRUE(client.request(pr_out(kReserve, 5), disk_.get(), key_list(0xBAD, 0)));
    ASSERT_TRUE(client.request(pr_out(31, 0), disk_.get(), key_list(1, 2)));
    ASSERT_TRUE(client.request(pr_in(0, 24), null_device())) << "which is no device that counts";
    const Json state = this->state();
    ASSERT_EQ(state["devices"].size(), 1U);
    const Json& device = state["devices"][0];
    EXPECT_EQ(device["name"], directory_ / "disk");
    EXPECT_EQ(device["kind"], "emulated");
    EXPECT_EQ(device["results"], (Json{{"GOOD", 1},
                                       {"RESERVATION CONFLICT", 1},
                                       {"ILLEGAL REQUEST, INVALID FIELD IN CDB (5/24/00)", 1}}));
    EXPECT_EQ(device["last"]["status"], "CHECK CONDITION");
    EXPECT_EQ(device["last"]["sense"], "ILLEGAL REQUEST, INVALID FIELD IN CDB (5/24/00)");
    EXPECT_EQ(device["last"]["pid"], ::getpid());
    ASSERT_EQ(device["registrants"].size(), 1U);
    EXPECT_EQ(device["registrants"][0]["pid"], ::getpid());
    EXPECT_EQ(device["device_us"]["count"], 3);
    EXPECT_EQ(state["device_us"]["count"], 4);
    EXPECT_EQ(state["device_us"]["counts"].size(), state["bounds_us"].size() + 1);
    EXPECT_EQ(state["counters"]["requests"], 4);

    client.close();
    EXPECT_TRUE(eventually([&] { return this->state()["devices"][0]["registrants"].empty(); }))
        << "who has gone is not registered as far as this program knows";
}

TEST_F(ControlTest, CountsNothingForADeviceThatTheClientHasNotOpened) {
    serve_emulated();
    RawClient client = daemon_->connect();
    ASSERT_TRUE(client.request(pr_in(0, 24), disk_.get()));
    const Descriptor unopened(directory_ / "disk", O_PATH);
    for (const Bytes& command : {pr_in(0, 24), pr_out(kRegister, 0), Bytes{0xFF}})
        EXPECT_EQ(
            client.request(command, unopened.get(), command[0] == 0x5F ? key_list(0, 0xA) : Bytes())->brief(),
            kNoDevice);
    const Json devices = state()["devices"];
    ASSERT_EQ(devices.size(), 1U);
    EXPECT_EQ(devices[0]["results"], (Json{{"GOOD", 1}}));
    EXPECT_EQ(devices[0]["last"]["action"], "READ KEYS");
}

TEST_F(ControlTest, TellsEachNameOfADiskApart) {
    serve_emulated();
    ASSERT_EQ(::link((directory_ / "disk").c_str(), (directory_ / "seen-by-b").c_str()), 0);
    const Descriptor other(directory_ / "seen-by-b");
    RawClient client = daemon_->connect();
    ASSERT_TRUE(client.request(pr_in(0, 24), disk_.get()));
    ASSERT_TRUE(client.request(pr_in(0, 24), other.get()));
    EXPECT_EQ(state()["devices"].size(), 2U);
}

TEST_F(ControlTest, ShowsWhereEachConnectionStands) {
    serve({"--max-requests-per-process=1"});
    const RawClient idle = daemon_->connect();
    RawClient half = daemon_->connect();
    ASSERT_TRUE(half.send_bytes({0x5E, 0}));
    ASSERT_TRUE(connections_become({"idle", "receiving"}));
    hang();
    ASSERT_TRUE(connections_become({"executing", "idle", "receiving"}));
    RawClient patient = daemon_->connect();
    ASSERT_TRUE(patient.send_request(pr_in(0, 24), null_device()));
    ASSERT_TRUE(connections_become({"executing", "idle", "receiving", "waiting"}));
    const Json state = this->state();
    for (const Json& connection : state["connections"]) {
        EXPECT_EQ(connection["pid"], ::getpid());
        EXPECT_EQ(connection["uid"], ::getuid());
        EXPECT_EQ(connection.contains("age_us"), connection["state"] != "idle");
        if (connection["state"] == "executing") {
            EXPECT_EQ(connection["action"], "READ KEYS");
        }
    }
    release();
    EXPECT_TRUE(patient.read_reply());
    EXPECT_TRUE(connections_become({"idle", "idle", "idle", "receiving"}));
}

TEST_F(ControlTest, ShowsWhoDoesNotTakeItsReply) {
    serve_emulated();
    RawClient client = daemon_->connect();
    // No reply is ever read; sending blocks once the server takes no more.
    std::thread sender([&] {
        while (client.send_request(pr_in(2, 8192), disk_.get())) {
        }
    });
    EXPECT_TRUE(connections_become({"answering"}));
    ::shutdown(client.fd(), SHUT_RDWR);
    sender.join();
}

TEST_F(ControlTest, AnswersWhileManyRequestsHang) {
    serve();
    for (int i = 0; i < 20; ++i) hang();
    EXPECT_TRUE(connections_become(std::vector<std::string>(20, "executing")));
    release();
}

TEST_F(ControlTest, EventsAreTheRecordsOfTheAuditWithoutAFile) {
    serve_emulated();
    Asker events(path(), "events");
    Asker all(path(), "events reads");
    RawClient client = daemon_->connect();
    // Who has asked follows from then on; a state that is asked for later is answered later.
    state();
    ASSERT_TRUE(client.request(pr_in(0, 24), disk_.get()));
    ASSERT_TRUE(client.request(pr_out(kRegister, 0), disk_.get(), key_list(0, 0xA)));
    const Json record = Json::parse(events.line().value_or("{}"));
    EXPECT_EQ(record["event"], "out");
    EXPECT_EQ(record["action"], "REGISTER");
    EXPECT_EQ(record["action_key"], "0xa");
    EXPECT_EQ(record["peer"]["pid"], ::getpid());
    EXPECT_EQ(Json::parse(all.line().value_or("{}"))["action"], "READ KEYS");
    EXPECT_EQ(Json::parse(all.line().value_or("{}"))["action"], "REGISTER");
    ASSERT_TRUE(client.request({0xFF}, disk_.get()));
    const Json clean_up = Json::parse(events.line().value_or("{}"));
    EXPECT_EQ(clean_up["event"], "cleanup");
    EXPECT_EQ(clean_up["action"], "CLEAN-UP");
    EXPECT_EQ(state()["devices"][0]["last"]["action"], "CLEAN-UP");
    EXPECT_EQ(state()["devices"][0]["registrants"], Json::array());
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_TRUE(events.closed()) << "with the program";
}

TEST_F(ControlTest, TheFileHasWhatIsFollowedToo) {
    serve_emulated({"--audit=" + directory_ / "audit"});
    Asker events(path(), "events reads");
    state();
    RawClient client = daemon_->connect();
    ASSERT_TRUE(client.request(pr_in(0, 24), disk_.get()));
    ASSERT_TRUE(client.request(pr_out(kRegister, 0), disk_.get(), key_list(0, 0xA)));
    EXPECT_EQ(Json::parse(events.line().value_or("{}"))["event"], "in") << "which the file was not to have";
    const auto followed = events.line();
    EXPECT_EQ(state()["counters"]["audit_dropped"], 0);
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_EQ(read_file(directory_ / "audit"), followed.value_or("") + "\n");
}

TEST_F(ControlTest, WhoReadsSlowlyIsToldWhatItMissedAndNobodyWaits) {
    serve_emulated();
    Asker events(path(), "events");
    state();
    RawClient client = daemon_->connect();
    constexpr std::uint64_t kCommands = 6000;  // some 350 bytes each, more than its buffers hold
    for (std::uint64_t key = 0; key < kCommands; ++key)
        ASSERT_TRUE(client.request(pr_out(kRegister, 0), disk_.get(), key_list(key, key + 1)));
    std::uint64_t seen = 0, missing = 0;
    while (seen + missing < kCommands) {
        const auto line = events.line();
        ASSERT_TRUE(line) << seen << " seen, " << missing << " missing";
        const Json record = Json::parse(*line);
        record["event"] == "dropped" ? missing += record["records"].get<std::uint64_t>() : ++seen;
    }
    EXPECT_EQ(seen + missing, kCommands);
    EXPECT_GT(missing, 0U);
    EXPECT_GT(seen, 0U);
}

}  // namespace
}  // namespace prh::test
