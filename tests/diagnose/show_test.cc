// SPDX-License-Identifier: MIT
// show, of an emulated disk that two hosts see, and of what is no disk.
#include <nlohmann/json.hpp>

#include "monitor/emulated_scene.h"
#include "support/contains.h"

namespace prh::test {
namespace {

using Json = nlohmann::json;

class Show : public EmulatedScene {};

TEST_F(Show, MarksTheHolderAmongPathsAndTellsOtherHostsApart) {
    two_hosts_compete();
    const CtlRun first = run({"show", first_});
    EXPECT_EQ(first.exit_code, 0) << first.err;
    EXPECT_TRUE(contains(first.out, "held by: key 0xa1, Write Exclusive, registrants only")) << first.out;
    const std::size_t paths = first.out.find("Paths of this host:"),
                      others = first.out.find("Of other hosts:");
    ASSERT_NE(paths, std::string::npos) << first.out;
    ASSERT_NE(others, std::string::npos) << first.out;
    EXPECT_TRUE(contains(first.out.substr(paths, others - paths), "0xa1  yes")) << first.out;
    EXPECT_TRUE(contains(first.out.substr(others), "0xb2  -       iqn.2026-01.prhelper.emulator:" + second_))
        << first.out;
    EXPECT_TRUE(contains(first.out, "Registered through this helper: ")) << first.out;

    const CtlRun second = run({"show", second_});
    const std::size_t here = second.out.find("Of other hosts:");
    ASSERT_NE(here, std::string::npos) << second.out;
    EXPECT_TRUE(contains(second.out.substr(0, here), "0xb2  -")) << second.out;
    EXPECT_TRUE(contains(second.out.substr(here), "0xa1  yes")) << second.out;
}

TEST_F(Show, JsonHasTheSame) {
    two_hosts_compete();
    const CtlRun shown = run({"show", "--json", first_});
    const Json json = Json::parse(shown.out);
    EXPECT_EQ(json["command"], "show");
    EXPECT_EQ(json["exit_code"], 0);
    EXPECT_EQ(json["kind"], "emulated");
    EXPECT_EQ(json["reservation"]["type"], 5);
    EXPECT_EQ(json["paths"].size(), 1U);
    EXPECT_EQ(json["paths"][0]["key"], "0xa1");
    EXPECT_EQ(json["paths"][0]["holder"], true);
    EXPECT_EQ(json["others"][0]["key"], "0xb2");
    EXPECT_EQ(json["dangers"], Json::array());
}

TEST_F(Show, AKeyThatTwoHostsHaveIsPointedOut) {
    send({"register", "--param-sark=a1", first_});
    send({"register", "--param-sark=a1", second_});
    const CtlRun shown = run({"show", first_});
    EXPECT_TRUE(contains(shown.out, "Warning: the key 0xa1 of this host is also that of")) << shown.out;
    EXPECT_EQ(Json::parse(run({"show", "--json", first_}).out)["dangers"][0]["verdict"], "warning");
}

TEST_F(Show, AUnitAttentionThatItTakesIsTold) {
    two_hosts_compete();
    send({"preempt", "--param-rk=b2", "--param-sark=a1", "--prout-type=5", second_});
    const CtlRun shown = run({"show", first_});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_TRUE(contains(shown.out, "REGISTRATIONS PREEMPTED")) << shown.out;
    EXPECT_FALSE(contains(run({"show", first_}).out, "REGISTRATIONS PREEMPTED")) << "once";
}

TEST_F(Show, WithoutAControlSocketItSaysWhatItDoesNotKnow) {
    two_hosts_compete();
    const CtlRun shown =
        run_ctl({"show", "--socket=" + socket_, "--control=" + directory_.path() + "/none", first_});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_TRUE(contains(shown.out, "Registered through this helper: not known: cannot connect"))
        << shown.out;
    EXPECT_TRUE(contains(shown.out, "0xa1  yes")) << shown.out;
}

TEST_F(Show, WhatIsNoDiskIsRefused) {
    EXPECT_EQ(run({"show", directory_ / "none"}).exit_code, 15);
    EXPECT_EQ(run({"show", "--json", "nonsense"}).exit_code, 15);
    EXPECT_NE(run({"show", "/dev/null"}).exit_code, 0);
    EXPECT_EQ(run({"show", directory_.path()}).exit_code == 0, false);
    EXPECT_EQ(run({"show"}).exit_code, 1);
    const CtlRun nobody = run_ctl({"show", "--socket=" + directory_.path() + "/none", first_});
    EXPECT_EQ(nobody.exit_code, 52);
    EXPECT_TRUE(contains(nobody.err, "is the helper running?")) << nobody.err;
}

}  // namespace
}  // namespace prh::test
