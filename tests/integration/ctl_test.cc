// SPDX-License-Identifier: MIT
// prhelperctl against prhelper-emulator: two names of one file are two hosts that share a disk, and every
// verb does between them what it does between hosts.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "integration/ctl_fake_helper.h"
#include "support/environment.h"
#include "support/process.h"

namespace prh::test {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

class Ctl : public testing::Test {
  protected:
    Ctl() {
        write_file(first_, "");
        if (::link(first_.c_str(), second_.c_str()) != 0) throw std::runtime_error("link");
        if (!eventually([&] { return run_ctl({"ping", "--socket=" + socket_}).exit_code == 0; }))
            throw std::runtime_error("the emulator does not answer: " + emulator_.err());
    }
    ~Ctl() override {
        emulator_.signal(SIGTERM);
        EXPECT_EQ(emulator_.wait(), 0) << emulator_.err();
    }

    CtlRun run(Words words) const {
        words.push_back("--socket=" + socket_);
        return run_ctl(words);
    }
    /// GOOD is expected.
    void good(const Words& words) const {
        const CtlRun result = run(words);
        EXPECT_EQ(result.exit_code, 0) << words[0] << ": " << result.err;
        EXPECT_NE(result.out.find(": GOOD\n"), std::string::npos) << result.out;
    }
    int code(const Words& words) const { return run(words).exit_code; }
    Json json(Words words) const {
        words.push_back("--json");
        const CtlRun result = run(words);
        EXPECT_EQ(result.err, "");
        const Json parsed = Json::parse(result.out);
        EXPECT_EQ(parsed["exit_code"], result.exit_code);
        return parsed;
    }
    Json keys() const { return json({"read-keys", first_})["keys"]; }
    Json reservation() const { return json({"read-reservation", first_})["reservation"]; }
    void register_both() const {
        good({"register", "--param-sark=a", first_});
        good({"register", "--param-sark=b", second_});
    }

    TemporaryDirectory directory_;
    std::string socket_ = directory_ / "pr.sock";
    std::string first_ = directory_ / "first";
    std::string second_ = directory_ / "second";
    Process emulator_{{built("prhelper-emulator"), "-k", socket_}};
};

std::string initiator(const std::string& path) { return "iqn.2026-01.prhelper.emulator:" + path; }

TEST_F(Ctl, PingAnswersWithFeatures) {
    const CtlRun result = run({"ping"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_NE(result.out.find("answers. Features: "), std::string::npos);
    const Json answer = json({"ping"});
    EXPECT_EQ(answer["command"], "ping");
    EXPECT_TRUE(answer["features"].is_number());
    EXPECT_FALSE(answer.contains("error"));
}

TEST_F(Ctl, ANewDiskHasNeitherKeysNorReservation) {
    EXPECT_EQ(run({"read-keys", first_}).out, "PR generation 0x0, no keys registered\n");
    EXPECT_EQ(run({"read-reservation", first_}).out, "PR generation 0x0, no reservation is held\n");
    EXPECT_EQ(run({"read-full-status", first_}).out, "PR generation 0x0, no registrations\n");
}

TEST_F(Ctl, CapabilitiesAreShown) {
    EXPECT_NE(run({"report-capabilities", first_}).out.find("  5, Write Exclusive, registrants only\n"),
              std::string::npos);
    EXPECT_EQ(json({"report-capabilities", first_})["capabilities"]["types"], (Json{1, 3, 5, 6, 7, 8}));
}

TEST_F(Ctl, KeysAreRegisteredChangedAndRemoved) {
    register_both();
    EXPECT_EQ(keys(), (Json{"0xa", "0xb"}));
    EXPECT_EQ(code({"register", "--param-sark=c", first_}), 24) << "another key is registered";
    good({"register", "--param-rk=a", "--param-sark=c", first_});
    good({"register-ignore", "--param-sark=d", second_});
    EXPECT_EQ(keys(), (Json{"0xc", "0xd"}));
    good({"register", "--param-rk=c", first_});
    good({"register-ignore", "--param-sark=0", second_});
    EXPECT_EQ(keys(), Json::array());
}

TEST_F(Ctl, AReservationIsTakenOnceAndGivenUp) {
    register_both();
    good({"reserve", "--param-rk=a", "--prout-type=5", first_});
    const CtlRun conflict = run({"reserve", "--param-rk=b", "--prout-type=5", second_});
    EXPECT_EQ(conflict.exit_code, 24);
    EXPECT_EQ(conflict.out, "");
    EXPECT_NE(conflict.err.find("RESERVATION CONFLICT"), std::string::npos);
    EXPECT_EQ(
        reservation(),
        (Json{
            {"key", "0xa"}, {"scope", 0}, {"type", 5}, {"type_name", "Write Exclusive, registrants only"}}));
    good({"release", "--param-rk=b", "--prout-type=5", second_});
    EXPECT_EQ(reservation()["key"], "0xa") << "who does not hold it does not release it";
    EXPECT_EQ(code({"release", "--param-rk=a", "--prout-type=1", first_}), 5);
    good({"release", "--param-rk=a", "--prout-type=5", first_});
    EXPECT_TRUE(reservation().is_null());
}

TEST_F(Ctl, EveryTypeIsReserved) {
    good({"register", "--param-sark=a", first_});
    for (const int type : {1, 3, 5, 6, 7, 8}) {
        const std::string option = "--prout-type=" + std::to_string(type);
        good({"reserve", "--param-rk=a", option, first_});
        EXPECT_EQ(reservation()["type"], type);
        good({"release", "--param-rk=a", option, first_});
    }
}

TEST_F(Ctl, FullStatusNamesTheInitiators) {
    register_both();
    good({"reserve", "--param-rk=a", "--prout-type=1", first_});
    EXPECT_EQ(json({"read-full-status", second_})["registrations"],
              (Json{{{"key", "0xa"},
                     {"holder", true},
                     {"scope", 0},
                     {"type", 1},
                     {"type_name", "Write Exclusive"},
                     {"all_target_ports", false},
                     {"relative_target_port", 1},
                     {"transport_id", initiator(first_)}},
                    {{"key", "0xb"},
                     {"holder", false},
                     {"all_target_ports", false},
                     {"relative_target_port", 1},
                     {"transport_id", initiator(second_)}}}));
    EXPECT_NE(run({"read-full-status", first_}).out.find("    initiator    " + initiator(second_) + "\n"),
              std::string::npos);
}

TEST_F(Ctl, PreemptTakesTheReservationAndTheOtherIsTold) {
    for (const char* const verb : {"preempt", "preempt-abort"}) {
        register_both();
        good({"reserve", "--param-rk=a", "--prout-type=5", first_});
        good({verb, "--param-rk=b", "--param-sark=a", "--prout-type=6", second_});
        const CtlRun told = run({"read-keys", first_});
        EXPECT_EQ(told.exit_code, 6);
        EXPECT_NE(told.err.find("UNIT ATTENTION, REGISTRATIONS PREEMPTED (6/2a/05)"), std::string::npos)
            << told.err;
        EXPECT_EQ(keys(), Json{"0xb"}) << "it is told once";
        EXPECT_EQ(reservation()["type"], 6);
        good({"clear", "--param-rk=b", second_});
    }
}

TEST_F(Ctl, AUnitAttentionIsOvercomeOnRequest) {
    register_both();
    good({"preempt", "--param-rk=b", "--param-sark=a", "--prout-type=5", second_});
    const Json answer = json({"register", "--param-sark=c", "--retry-unit-attention", first_});
    EXPECT_EQ(answer["exit_code"], 0);
    EXPECT_EQ(answer["unit_attentions"][0]["asc"], 0x2A);
    EXPECT_EQ(answer["unit_attentions"].size(), 1U);
}

TEST_F(Ctl, ClearRemovesEverything) {
    register_both();
    good({"reserve", "--param-rk=a", "--prout-type=3", first_});
    EXPECT_EQ(code({"clear", "--param-rk=77", second_}), 24);
    good({"clear", "--param-rk=b", second_});
    EXPECT_EQ(json({"read-keys", second_})["keys"], Json::array());
    EXPECT_TRUE(json({"read-reservation", second_})["reservation"].is_null());
}

TEST_F(Ctl, AReservationMovesToAnotherInitiator) {
    good({"register", "--param-sark=a", first_});
    good({"reserve", "--param-rk=a", "--prout-type=1", first_});
    good({"register-move", "--param-rk=a", "--param-sark=b", "--prout-type=1", "--relative-target-port=1",
          "--param-unreg", "--transport-id=" + initiator(second_), first_});
    EXPECT_EQ(keys(), Json{"0xb"});
    EXPECT_EQ(reservation()["key"], "0xb");
    good({"release", "--param-rk=b", "--prout-type=1", second_});
}

TEST_F(Ctl, OtherInitiatorsAreRegisteredByTheirTransportId) {
    good({"register", "--param-sark=a", "--transport-id=" + initiator(second_), first_});
    EXPECT_EQ(keys(), (Json{"0xa", "0xa"}));
}

TEST_F(Ctl, ALongListIsShownWhole) {
    constexpr int kHosts = 70;  // 568 bytes of keys, more than 5000 of full status
    for (int i = 0; i < kHosts; ++i) {
        const std::string name = directory_ / ("host" + std::to_string(i));
        ASSERT_EQ(::link(first_.c_str(), name.c_str()), 0);
        good({"register", "--param-sark=" + std::to_string(100 + i), name});
    }
    EXPECT_EQ(keys().size(), kHosts);
    const Json status = json({"read-full-status", first_});
    EXPECT_EQ(status["truncated"], false);
    EXPECT_EQ(status["registrations"].size(), kHosts);
}

TEST_F(Ctl, AnAllocationLengthCutsTheAnswer) {
    register_both();
    const Json cut = json({"read-keys", "--alloc-length=10", first_});
    EXPECT_EQ(cut["keys"], Json{"0xa"});
    EXPECT_EQ(cut["truncated"], true);
    EXPECT_EQ(run({"read-keys", "--alloc-length=0", "--raw", first_}).out, "");
    EXPECT_EQ(run({"read-keys", "--raw", first_}).out.size(), 24U);
    EXPECT_EQ(run({"read-keys", "--hex", "--alloc-length=8", first_}).out, "0000  00 00 00 02 00 00 00 10\n");
}

TEST_F(Ctl, ADescriptorForReadingIsNotEnoughToWrite) {
    const CtlRun refused = run({"register", "--param-sark=a", "--readonly", first_});
    EXPECT_EQ(refused.exit_code, 9) << refused.err;
    EXPECT_EQ(code({"read-keys", "--readonly", first_}), 0);
}

TEST_F(Ctl, WhatIsNoDiskIsAnsweredWithSenseData) {
    const CtlRun run_on_null = run({"read-keys", "/dev/null"});
    EXPECT_NE(run_on_null.exit_code, 0);
    EXPECT_NE(run_on_null.err.find("CHECK CONDITION"), std::string::npos) << run_on_null.err;
}

}  // namespace
}  // namespace prh::test
