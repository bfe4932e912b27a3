// SPDX-License-Identifier: MIT
// doctor, with an emulated disk, with the daemon, and with sockets that are not there. Real disks: tests/vm.
#include <nlohmann/json.hpp>

#include "monitor/emulated_scene.h"
#include "monitor/fake_control.h"
#include "monitor/recorded_state.h"
#include "support/contains.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/other_process.h"

namespace prh::test {
namespace {

using Json = nlohmann::json;

/// The finding of one check, an empty object where there is none.
Json of(const CtlRun& run, const std::string& check) {
    const Json report = Json::parse(run.out);
    for (const Json& finding : report["findings"])
        if (finding["check"] == check) return finding;
    return Json::object();
}

/// A program with sanitizers in it runs without seccomp and without Landlock. The second is seen only through
/// the control socket.
const int kUnconfined = kSanitized ? 1 : 0;
const char* const kCapabilities = kSanitized ? "warning" : "ok";

std::string warnings(int count) { return std::to_string(count) + (count == 1 ? " warning" : " warnings"); }

class Doctor : public EmulatedScene {};

TEST_F(Doctor, AnEmulatedDiskIsHealthy) {
    two_hosts_compete();
    const CtlRun text = run({"doctor", first_});
    EXPECT_EQ(text.exit_code, 0) << text.out << text.err;
    EXPECT_TRUE(contains(text.out, "\nHealthy, " + warnings(1 + 2 * kUnconfined) + ".\n"))
        << text.out;  // it forgets, without --state-dir
    const CtlRun json = run({"doctor", "--json", first_});
    EXPECT_EQ(Json::parse(json.out)["healthy"], true) << json.out;
    EXPECT_EQ(of(json, "capabilities")["verdict"], kCapabilities) << json.out;
    EXPECT_EQ(of(json, "support")["verdict"], "warning") << json.out;
    EXPECT_EQ(of(json, "registrations")["words"],
              "key 0xa1; held by: key 0xa1, Write Exclusive, registrants only");
    EXPECT_EQ(of(json, "registrations")["disk"], first_);
}

TEST_F(Doctor, WithoutADeviceEveryDiskThatWasServedIsLookedAt) {
    EXPECT_FALSE(contains(run({"doctor"}).out, first_));
    two_hosts_compete();
    const CtlRun text = run({"doctor"});
    EXPECT_EQ(text.exit_code, 0) << text.out;
    EXPECT_TRUE(contains(text.out, "\n" + first_ + ":\n")) << text.out;
    EXPECT_TRUE(contains(text.out, "\n" + second_ + ":\n")) << text.out;
}

TEST_F(Doctor, TwoClientsThatAreOneToTheDiskAreNamed) {
    OtherProcess one, two;
    RawClient first = one.open(socket_), second = two.open(socket_);
    const Descriptor disk(first_);
    constexpr unsigned kRegisterAndIgnore = 6;
    ASSERT_TRUE(first.request(pr_out(kRegisterAndIgnore, 0), disk.get(), key_list(0, 0xA)));
    EXPECT_EQ(run({"doctor", first_}).exit_code, 0);
    ASSERT_TRUE(second.request(pr_out(kRegisterAndIgnore, 0), disk.get(), key_list(0, 0xB)));
    const CtlRun json = run({"doctor", "--json", first_});
    EXPECT_EQ(json.exit_code, 36) << json.out;
    const Json clients = of(json, "clients");
    EXPECT_EQ(clients["verdict"], "wrong");
    const std::string words = clients["words"];
    EXPECT_TRUE(contains(words, "pid " + std::to_string(one.pid()))) << words;
    EXPECT_TRUE(contains(words, "pid " + std::to_string(two.pid()))) << words;
    const std::string line = clients["fix"]["lines"];
    EXPECT_TRUE(line.ends_with(" --shared-nexus=deny")) << line;
    EXPECT_EQ(of(json, "shared nexus")["verdict"], "warning");
}

TEST_F(Doctor, WithoutAControlSocketItSaysWhatWasNotChecked) {
    const std::string none = "--control=" + directory_.path() + "/none";
    const CtlRun text = run_ctl({"doctor", "--socket=" + socket_, none, first_});
    EXPECT_EQ(text.exit_code, 0) << text.out;
    EXPECT_TRUE(contains(text.out, "Nothing wrong was found, " + warnings(1 + kUnconfined) + ", "))
        << text.out;
    EXPECT_FALSE(contains(text.out, "Healthy")) << text.out;
    const CtlRun json = run_ctl({"doctor", "--json", "--socket=" + socket_, none, first_});
    EXPECT_EQ(of(json, "control socket")["verdict"], "not checked");
    EXPECT_EQ(of(json, "timeout")["verdict"], "not checked");
    EXPECT_EQ(of(json, "capabilities")["verdict"], kCapabilities) << "the socket tells whose process it is";
}

TEST_F(Doctor, AHelperThatIsNotThereIsSaidWithTheUsualCode) {
    const CtlRun json = run_ctl({"doctor", "--json", "--socket=" + directory_.path() + "/none",
                                 "--control=" + directory_.path() + "/none2", first_});
    EXPECT_EQ(json.exit_code, 52);
    EXPECT_EQ(of(json, "helper")["verdict"], "wrong");
    EXPECT_EQ(Json::parse(json.out)["exit_code"], 52);
    EXPECT_EQ(Json::parse(json.out)["healthy"], false);
}

TEST_F(Doctor, ADeviceThatIsNoneIsSaid) {
    const CtlRun missing = run({"doctor", "--json", directory_ / "none"});
    EXPECT_EQ(missing.exit_code, 15);
    EXPECT_EQ(of(missing, "device")["verdict"], "wrong");
    const CtlRun null = run({"doctor", "--json", "/dev/null"});
    EXPECT_EQ(null.exit_code, 36) << null.out;
    EXPECT_EQ(of(null, "support")["verdict"], "wrong");
}

TEST_F(Doctor, ChangesNothing) {
    two_hosts_compete();
    const std::string before = run({"read-full-status", first_}).out;
    Process records(command({built("prhelperctl"), "events", "--reads", "--json"}));
    ASSERT_TRUE(eventually([&] {
        send({"read-keys", first_});
        return contains(records.out(), "READ KEYS");
    }));
    EXPECT_EQ(run({"doctor", first_}).exit_code, 0);
    EXPECT_EQ(run({"show", first_}).exit_code, 0);
    ASSERT_TRUE(eventually([&] { return contains(records.out(), "REPORT CAPABILITIES"); }));
    EXPECT_EQ(run({"read-full-status", first_}).out, before);
    std::istringstream lines(records.out());
    for (std::string line; std::getline(lines, line);) {
        const std::string action = Json::parse(line).value("action", "");
        EXPECT_TRUE(action.starts_with("READ ") || action == "REPORT CAPABILITIES") << line;
    }
}

TEST(DoctorOfTheDaemon, ATimeoutThatIsTooShortIsWrongUntilItsLineIsApplied) {
    TemporaryDirectory directory;
    const std::string socket = directory / "socket", control = directory / "control";
    const auto doctor = [&] {
        return run_ctl({"doctor", "--json", "--socket=" + socket, "--control=" + control});
    };
    std::optional<Process> helper;
    helper.emplace(std::vector<std::string>{built("qemu-pr-helper"), "-k", socket, "--control=" + control,
                                            "--timeout=2"});
    ASSERT_TRUE(eventually([&] {
        return run_ctl({"status", "--control=" + control}).exit_code == 0;
    })) << helper->err();
    const CtlRun sick = doctor();
    EXPECT_EQ(sick.exit_code, 36) << sick.out;
    const Json timeout = of(sick, "timeout");
    EXPECT_EQ(timeout["verdict"], "wrong");
    const std::string line = timeout["fix"]["lines"];
    helper->signal(SIGTERM);
    EXPECT_EQ(helper->wait(), 0);
    helper.emplace(std::vector<std::string>{"bash", "-c", "exec " + line});
    ASSERT_TRUE(eventually([&] {
        return run_ctl({"status", "--control=" + control}).exit_code == 0;
    })) << helper->err();
    const CtlRun well = doctor();
    EXPECT_EQ(of(well, "timeout")["verdict"], "ok") << well.out;
    EXPECT_EQ(of(well, "capabilities")["verdict"], kCapabilities) << well.out;
    EXPECT_EQ(well.exit_code, 0) << well.out;
    helper->signal(SIGTERM);
    EXPECT_EQ(helper->wait(), 0);
}

TEST(DoctorOfAnother, WhatAControlSocketSaysIsJudged) {
    TemporaryDirectory directory;
    Json state = recorded_state();
    state["limits"]["device_timeout_us"] = 120'000'000;
    state["devices"] = Json::array();
    const std::string other = directory / "other";
    Process another({built("qemu-pr-helper"), "-k", other});
    ASSERT_TRUE(eventually([&] { return ::access(other.c_str(), F_OK) == 0; })) << another.err();
    state["helper"]["pid"] = another.pid();
    FakeControl control(directory / "c", [&](const std::string&) { return state.dump() + "\n"; });
    FakeHelper helper(directory / "s", [](FakeConversation& conversation) {
        conversation.greet();
        conversation.wait_for_end();
    });
    const CtlRun json =
        run_ctl({"doctor", "--json", "--socket=" + (directory / "s"), "--control=" + (directory / "c")});
    EXPECT_EQ(json.exit_code, 36) << json.out;
    EXPECT_EQ(of(json, "timeout")["verdict"], "wrong") << json.out;
    EXPECT_EQ(of(json, "capabilities")["verdict"], "not checked")
        << "what has that pid here is not who answered";
    another.signal(SIGTERM);
    EXPECT_EQ(another.wait(), 0);
}

}  // namespace
}  // namespace prh::test
