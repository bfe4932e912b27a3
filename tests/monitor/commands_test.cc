// SPDX-License-Identifier: MIT
// status, events and metrics of a real server; and of sockets that are no server's.
#include <signal.h>
#include <sys/stat.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "monitor/emulated_scene.h"
#include "monitor/fake_control.h"
#include "monitor/recorded_state.h"
#include "support/contains.h"

namespace prh::test {
namespace {

using Json = nlohmann::json;

class MonitorCommands : public EmulatedScene {};

TEST_F(MonitorCommands, StatusShowsDisksAndTheirLastCommand) {
    two_hosts_compete();
    const CtlRun status = run({"status"});
    EXPECT_EQ(status.exit_code, 0) << status.err;
    EXPECT_TRUE(contains(status.out, "prhelper-emulator ")) << status.out;
    EXPECT_TRUE(contains(status.out, first_ + "   emulated")) << status.out;
    EXPECT_TRUE(contains(status.out, "RESERVE: RESERVATION CONFLICT\n")) << status.out;
}

TEST_F(MonitorCommands, StatusAsJsonIsWhatTheHelperSays) {
    two_hosts_compete();
    const CtlRun status = run({"status", "--json"});
    const Json state = Json::parse(status.out);
    EXPECT_EQ(state["version"], 1);
    EXPECT_EQ(state["counters"]["requests"], 4);
    EXPECT_EQ(state["devices"].size(), 2U);
}

TEST_F(MonitorCommands, EventsAreShownAsTheyHappen) {
    Process events(command({built("prhelperctl"), "events"}));
    Process records(command({built("prhelperctl"), "events", "--reads", "--json"}));
    // Who follows is not seen in the state: something is done until both have told of it.
    ASSERT_TRUE(eventually([&] {
        send({"register-ignore", "--param-sark=a1", first_});
        return contains(events.out(), "REGISTER AND IGNORE") &&
               contains(records.out(), "REGISTER AND IGNORE");
    }));
    send({"read-keys", first_});
    send({"reserve", "--param-rk=a1", "--prout-type=5", first_});
    ASSERT_TRUE(eventually([&] { return contains(events.out(), "RESERVE on " + first_); })) << events.out();
    EXPECT_TRUE(
        contains(events.out(), "Write Exclusive, registrants only, key 0xa1, action key 0x0: GOOD in "))
        << events.out();
    ASSERT_TRUE(eventually([&] { return contains(records.out(), "\"action\":\"RESERVE\""); }));
    EXPECT_FALSE(contains(events.out(), "READ KEYS"));
    EXPECT_TRUE(contains(records.out(), "\"action\":\"READ KEYS\""));
    events.signal(SIGINT);
    EXPECT_EQ(events.wait(), 0) << events.err();
    records.signal(SIGTERM);
    EXPECT_EQ(records.wait(), 0) << records.err();
}

TEST_F(MonitorCommands, EventsEndWithTheHelper) {
    Process events(command({built("prhelperctl"), "events"}));
    ASSERT_TRUE(eventually([&] {
        send({"register-ignore", "--param-sark=a1", first_});
        return !events.out().empty();
    }));
    emulator_.signal(SIGTERM);
    EXPECT_EQ(events.wait(), 99);
    EXPECT_TRUE(contains(events.err(), "has ended the stream: it was stopped or restarted")) << events.err();
}

TEST_F(MonitorCommands, MetricsAreWrittenAtOnceAndForEverybody) {
    two_hosts_compete();
    const std::string file = directory_ / "helper.prom";
    write_file(file, "old");
    EXPECT_EQ(run({"metrics", "--output=" + file}).exit_code, 0);
    EXPECT_TRUE(contains(read_file(file), "\nprhelper_requests_total 4\n"));
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0644U);
    const CtlRun nowhere = run({"metrics", "--output=" + directory_.path() + "/none/helper.prom"});
    EXPECT_EQ(nowhere.exit_code, 15);
    EXPECT_TRUE(contains(nowhere.err, "/none/helper.prom")) << nowhere.err;
}

TEST_F(MonitorCommands, OnePictureShowsHolderAndKeysOfTheDiskItself) {
    two_hosts_compete();
    const CtlRun picture = run({"watch", "--once"});
    EXPECT_EQ(picture.exit_code, 0) << picture.err;
    EXPECT_TRUE(contains(picture.out, "held by: key 0xa1, Write Exclusive, registrants only\n"))
        << picture.out;
    EXPECT_TRUE(contains(picture.out, "0xa1  yes    iqn.2026-01.prhelper.emulator:" + first_)) << picture.out;
    EXPECT_TRUE(contains(picture.out, "0xb2  -      iqn.2026-01.prhelper.emulator:" + second_))
        << picture.out;
    EXPECT_EQ(picture.out.find('\x1b'), std::string::npos) << "no terminal, no control sequences";
}

TEST_F(MonitorCommands, OnePictureAsJsonIsTheStateWithTheDisks) {
    two_hosts_compete();
    const Json picture = Json::parse(run({"watch", "--json"}).out);
    EXPECT_EQ(picture["counters"]["requests"], 4);
    EXPECT_EQ(picture["alarming"], Json::array());
    const Json& disk = picture["disks"]["1"];
    EXPECT_EQ(disk["held_by"], "key 0xa1, Write Exclusive, registrants only");
    EXPECT_EQ(disk["registrations"].size(), 2U);
    EXPECT_EQ(disk["registrations"][1]["initiator"], "iqn.2026-01.prhelper.emulator:" + second_);
}

TEST_F(MonitorCommands, ADiskWhoseNodeIsGoneIsShownAllTheSame) {
    two_hosts_compete();
    std::string gone = second_ + ".moved";
    ASSERT_EQ(::rename(second_.c_str(), gone.c_str()), 0);
    const CtlRun picture = run({"watch", "--once"});
    EXPECT_EQ(picture.exit_code, 0) << picture.err;
    EXPECT_TRUE(contains(picture.out, "keys and holder unknown: cannot open '" + second_ + "'"))
        << picture.out;
    write_file(second_, "");
    EXPECT_TRUE(contains(run({"watch", "--once"}).out, second_ + " is another device now"));
}

/// Between the test and the thread of a socket.
template <class T>
class Shared {
  public:
    void set(T value) {
        const std::lock_guard lock(mutex_);
        value_ = std::move(value);
    }
    T get() const {
        const std::lock_guard lock(mutex_);
        return value_;
    }

  private:
    mutable std::mutex mutex_;
    T value_;
};

/// What every command says of a control socket that is wrong.
CtlRun status_of(const std::string& path) { return run_ctl({"status", "--timeout=5", "--control=" + path}); }

TEST(MonitorErrors, ASocketThatIsNotThereIsExplained) {
    const CtlRun run = status_of("/tmp/prh-test-no-such-socket");
    EXPECT_EQ(run.exit_code, 52);
    EXPECT_TRUE(contains(run.err, "start the helper with --control=PATH")) << run.err;
    const CtlRun metrics = run_ctl({"metrics", "--control=/tmp/prh-test-no-such-socket"});
    EXPECT_EQ(metrics.exit_code, 52);
    EXPECT_TRUE(contains(metrics.out, "\nprhelper_up 0\n")) << "what collects metrics is told too";
}

TEST(MonitorErrors, AnAnswerThatIsCutOrNonsenseIsRefused) {
    TemporaryDirectory directory;
    Shared<std::string> answer;
    FakeControl control(directory / "c", [&](const std::string&) { return answer.get(); });
    const std::string whole = recorded_state().dump();
    for (const std::string& wrong : {whole, whole.substr(0, 500) + "\n", std::string("HTTP/1.1 400\r\n"),
                                     std::string(100'000, 'x'), std::string("{}\n")}) {
        answer.set(wrong);
        const CtlRun run = status_of(directory / "c");
        EXPECT_EQ(run.exit_code, 97) << run.err;
        EXPECT_EQ(run.out, "");
    }
    answer.set("");
    EXPECT_EQ(status_of(directory / "c").exit_code, 99);
    answer.set("{\"error\": \"no \\u001b[2J\"}\n");
    const CtlRun refused = status_of(directory / "c");
    EXPECT_EQ(refused.exit_code, 99);
    EXPECT_EQ(refused.err.find('\x1b'), std::string::npos) << "harmless to a terminal";
    answer.set(whole + "\n");
    EXPECT_EQ(status_of(directory / "c").exit_code, 0);
}

TEST(MonitorErrors, WhoIsAskedIsAskedForTheState) {
    TemporaryDirectory directory;
    Shared<std::string> asked;
    FakeControl control(directory / "c", [&](const std::string& line) {
        asked.set(line);
        return recorded_state().dump() + "\n";
    });
    EXPECT_EQ(status_of(directory / "c").exit_code, 0);
    EXPECT_EQ(asked.get(), "state");
}

TEST(MonitorErrors, AHelperThatDoesNotAnswerIsGivenUp) {
    TemporaryDirectory directory;
    std::mutex hold;
    std::unique_lock held(hold);
    FakeControl control(directory / "c", [&](const std::string&) {
        const std::lock_guard until_the_end(hold);
        return std::string();
    });
    const CtlRun run = run_ctl({"status", "--timeout=1", "--control=" + (directory / "c")});
    held.unlock();
    EXPECT_EQ(run.exit_code, 33) << run.err;
    EXPECT_TRUE(contains(run.err, "within 1 s")) << run.err;
}

}  // namespace
}  // namespace prh::test
