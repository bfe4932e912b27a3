// SPDX-License-Identifier: MIT
// What the control socket of a real server tells, and what it cannot be made to do.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <list>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/lingering_socket.h"
#include "support/listening_socket.h"

namespace prh::test {
namespace {

using Json = nlohmann::json;

constexpr unsigned kRegister = 0, kReserve = 1;

/// One connection to it: what is sent is a line, what is read are lines.
class Asker {
  public:
    explicit Asker(const std::string& path) { connected_ = client_.connect(path); }
    Asker(const std::string& path, const std::string& line) : Asker(path) { say(line + "\n"); }

    bool connected() const { return connected_; }
    void say(const std::string& text) { EXPECT_TRUE(client_.send_bytes(Bytes(text.begin(), text.end()))); }
    /// The next line, without its end; nothing if the connection ends before.
    std::optional<std::string> line() {
        std::string text;
        for (;;) {
            const auto byte = client_.read_bytes(1);
            if (!byte) return std::nullopt;
            if (byte->front() == '\n') return text;
            text += static_cast<char>(byte->front());
        }
    }
    void stop_sending() { EXPECT_EQ(::shutdown(client_.fd(), SHUT_WR), 0); }
    bool closed() { return client_.closed_by_peer(); }

  private:
    RawClient client_;
    bool connected_ = false;
};

class ControlTest : public ::testing::Test {
  protected:
    void serve(std::vector<std::string> arguments = {}, const std::string& program = "qemu-pr-helper") {
        arguments.push_back("--control=" + path());
        daemon_.emplace(arguments, ProcessOptions{}, program);
        // The first socket is there first; who asks waits as a person does who starts both.
        ASSERT_TRUE(eventually([&] { return exists(path()); }));
    }
    void serve_emulated(const std::vector<std::string>& arguments = {}) {
        write_file(directory_ / "disk", "");
        disk_ = Descriptor(directory_ / "disk");
        serve(arguments, "prhelper-emulator");
    }
    std::string path() { return directory_ / "control"; }
    Json state() {
        Asker asker(path(), "state");
        const auto line = asker.line();
        EXPECT_TRUE(line);
        EXPECT_TRUE(asker.closed()) << "one answer, and no more";
        return Json::parse(line.value_or("{}"));
    }
    /// The states of all connections, once they are `wanted`.
    bool connections_become(const std::vector<std::string>& wanted) {
        return eventually([&] {
            std::vector<std::string> found;
            const Json state = this->state();
            for (const Json& connection : state["connections"]) found.push_back(connection["state"]);
            std::sort(found.begin(), found.end());
            return found == wanted;
        });
    }
    /// Sends a request whose descriptor does not let itself be closed until it is released.
    RawClient& hang() {
        slow_.emplace_back();
        hanging_.push_back(daemon_->connect());
        EXPECT_TRUE(hanging_.back().send_bytes({0x5E}, {slow_.back().descriptor()}));
        slow_.back().leave_it_to_others();
        EXPECT_TRUE(hanging_.back().send_bytes(Bytes(15)));
        return hanging_.back();
    }
    void release() {
        for (LingeringSocket& socket : slow_) socket.release();
        for (RawClient& client : hanging_) EXPECT_TRUE(client.read_reply());
    }

    TemporaryDirectory directory_;
    Descriptor disk_;
    std::optional<Daemon> daemon_;
    std::list<LingeringSocket> slow_;
    std::list<RawClient> hanging_;
};

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
    daemon_.reset();
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

TEST_F(ControlTest, KnowsThreeLines) {
    serve();
    for (const char* line : {"", "State", "status", "events  reads", "state now"}) {
        Asker asker(path(), line);
        const Json answer = Json::parse(asker.line().value_or("{}"));
        EXPECT_EQ(answer["error"],
                  "'" + std::string(line) + "' is not known: ask for state, events or events reads");
        EXPECT_TRUE(asker.closed());
    }
    Asker longest(path());
    longest.say(std::string(1000, 'x'));
    EXPECT_TRUE(Json::parse(longest.line().value_or("{}")).contains("error"));
    EXPECT_EQ(daemon_->ask(), kNoDevice);
}

TEST_F(ControlTest, MoreThanItAnswersAtOneTimeWait) {
    serve();
    std::list<Asker> followers;
    for (int i = 0; i < 16; ++i) followers.emplace_back(path(), "events");
    Asker further(path(), "state");
    EXPECT_TRUE(further.connected());
    EXPECT_EQ(daemon_->ask(), kNoDevice);
    followers.pop_front();
    EXPECT_TRUE(further.line()) << "a place is free";
}

TEST_F(ControlTest, WhoSaysNothingIsNotKept) {
    serve();
    Asker silent(path());
    EXPECT_TRUE(silent.closed());
}

TEST_F(ControlTest, WhoHasAskedMayCloseItsSideAndReadOn) {
    serve_emulated();
    Asker events(path(), "events");
    state();
    events.stop_sending();
    RawClient client = daemon_->connect();
    for (std::uint64_t key = 0; key < 3; ++key) {
        ASSERT_TRUE(client.request(pr_out(kRegister, 0), disk_.get(), key_list(key, key + 1)));
        EXPECT_EQ(Json::parse(events.line().value_or("{}"))["action"], "REGISTER");
    }
}

TEST_F(ControlTest, WhoVanishesIsForgotten) {
    serve();
    state();
    const std::size_t before = open_descriptors(daemon_->pid());
    for (int i = 0; i < 50; ++i) {
        Asker(path(), "events");
        Asker(path(), "state");
        Asker nothing(path());
    }
    EXPECT_TRUE(eventually([&] { return open_descriptors(daemon_->pid()) <= before; }));
}

TEST_F(ControlTest, WhoSendsWhatHangsDoesNotHoldUpTheEnd) {
    serve();
    state();
    LingeringSocket device;
    RawClient hostile;
    ASSERT_TRUE(daemon_->process().stop());  // so that our own copy is not the last one when it is closed
    ASSERT_TRUE(hostile.connect(path()));
    ASSERT_TRUE(hostile.send_bytes({'x'}, {device.descriptor()}));
    device.leave_it_to_others();
    daemon_->process().go_on();
    EXPECT_EQ(daemon_->ask(), kNoDevice);
    EXPECT_EQ(daemon_->end(), 0);
}

TEST_F(ControlTest, WithoutDescriptorsWhoComesWaitsAndNothingSpins) {
    serve();
    state();
    ASSERT_TRUE(limit_descriptors(daemon_->pid(), lowest_free_descriptor(daemon_->pid())));
    Asker waiting(path(), "state");
    const double before = processor_time(daemon_->pid());
    std::this_thread::sleep_for(std::chrono::seconds(2));
    EXPECT_LT(processor_time(daemon_->pid()) - before, kSanitized ? 1.0 : 0.2) << "of 2 s: it spins";
    ASSERT_TRUE(limit_descriptors(daemon_->pid(), 1024));
    EXPECT_TRUE(waiting.line());
}

TEST_F(ControlTest, IsTheStartersAloneUnlessAGroupIsNamed) {
    const auto mode = [&] {
        struct stat status {};
        EXPECT_EQ(::stat(path().c_str(), &status), 0);
        return status.st_mode & 07777;
    };
    serve();
    EXPECT_EQ(mode(), 0600U);
    EXPECT_EQ(daemon_->end(), 0);
    EXPECT_FALSE(exists(path()));
    serve({"--control-group=nogroup"});
    EXPECT_EQ(mode(), 0660U);
    EXPECT_EQ(daemon_->end(), 0);
    serve({"--control-mode=0644"});
    EXPECT_EQ(mode(), 0644U);
}

TEST_F(ControlTest, IsNotTakenFromWhoListensThere) {
    serve();
    Process second({built("qemu-pr-helper"), "-k", directory_ / "second", "--control=" + path()});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_NE(second.err().find(path()), std::string::npos) << second.err();
    EXPECT_EQ(state()["helper"]["pid"], daemon_->pid());
}

TEST_F(ControlTest, ANextInstanceCanTakeItWhileTheOldOneFinishes) {
    serve();
    hang();
    ASSERT_TRUE(connections_become({"executing"}));
    daemon_->process().signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return !exists(path()); }));
    Daemon next({"--control=" + path()});
    ASSERT_TRUE(eventually([&] { return exists(path()); }));
    EXPECT_EQ(state()["helper"]["pid"], next.pid());
    release();
    EXPECT_EQ(daemon_->process().wait(), 0);
    EXPECT_TRUE(exists(path())) << "it is the next one's";
}

TEST_F(ControlTest, ItsThreadHasNoMorePrivilegesThanTheOthers) {
    serve();
    state();
    const auto threads = thread_statuses(daemon_->pid());
    EXPECT_GE(threads.size(), 3U);
    for (auto thread : threads) {
        EXPECT_EQ(std::stoull(thread["CapEff"], nullptr, 16), 1ULL << 17);  // CAP_SYS_RAWIO
        EXPECT_EQ(std::stoull(thread["CapBnd"], nullptr, 16), 0U);
        EXPECT_EQ(thread["NoNewPrivs"], "1");
    }
}

TEST_F(ControlTest, APathThatIsNotAbsoluteIsRefused) {
    Process process({built("qemu-pr-helper"), "--control=control"});
    EXPECT_EQ(process.wait(), 1);
    EXPECT_NE(process.err().find("invalid --control 'control': give an absolute path"), std::string::npos);
}

}  // namespace
}  // namespace prh::test
