// SPDX-License-Identifier: MIT
// What one user and one process can have of the server, so that the others have the rest.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <list>
#include <vector>

#include "support/daemon.h"
#include "support/environment.h"
#include "support/lingering_socket.h"
#include "support/other_process.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

/// For another user, who must reach the socket.
void open_to_all(const Daemon& daemon) {
    std::filesystem::permissions(daemon.directory().path(), std::filesystem::perms(0755));
    std::filesystem::permissions(daemon.socket(), std::filesystem::perms(0777));
}

TEST(Limits, OneUserHasItsNumberOfConnections) {
    Daemon daemon({"--max-connections-per-user=3"});
    open_to_all(daemon);
    std::vector<RawClient> mine(3);
    for (RawClient& client : mine) ASSERT_TRUE(client.open(daemon.socket()));
    RawClient fourth;
    ASSERT_TRUE(fourth.connect(daemon.socket()));
    EXPECT_TRUE(fourth.closed_by_peer());
    EXPECT_TRUE(daemon.process().err_contains(": 3 of user 0 are open (--max-connections-per-user)"));
    OtherProcess nobody(become_nobody);
    RawClient other = nobody.open(daemon.socket());
    EXPECT_EQ(ask(other), kNoDevice);
    mine.pop_back();
    EXPECT_TRUE(eventually([&] { return daemon.ask() == kNoDevice; })) << "one is free again";
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_TRUE(daemon.process().err_contains("connections refused (--max-connections-per-user)"));
}

/// A process that has `count` requests in flight whose descriptors hang when they are closed.
class HangingProcess {
  public:
    HangingProcess(const Daemon& daemon, int count) {
        for (int i = 0; i < count; ++i) {
            devices_.emplace_back();
            clients_.push_back(process.open(daemon.socket()));
            EXPECT_TRUE(clients_.back().send_bytes({0x5E}, {devices_.back().descriptor()}));
            devices_.back().leave_it_to_others();
            EXPECT_TRUE(clients_.back().send_bytes(Bytes(15)));
        }
    }
    void release_and_expect_answers() {
        for (LingeringSocket& device : devices_) device.release();
        for (RawClient& client : clients_) EXPECT_TRUE(client.read_reply()) << "it only had to wait";
    }

    OtherProcess process;

  private:
    std::list<LingeringSocket> devices_;
    std::list<RawClient> clients_;
};

TEST(Limits, OneProcessHangsItselfAndNobodyElse) {
    Daemon daemon({"--max-requests-per-process=4"});
    HangingProcess hostile(daemon, 40);
    EXPECT_TRUE(daemon.process().err_contains("A request of "));
    EXPECT_TRUE(daemon.process().err_contains("pid " + std::to_string(hostile.process.pid()) + ", uid 0"));
    EXPECT_TRUE(daemon.process().err_contains(
        " waits: 4 of that process are in flight (--max-requests-per-process)"));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_LT(thread_statuses(daemon.pid()).size(), 20U) << "4 hang, a few wait for events or are parked";
    hostile.release_and_expect_answers();
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_TRUE(daemon.process().err_contains("requests delayed (--max-requests-per-process)"));
}

TEST(Limits, WhoLeavesWhileItWaitsKeepsNothing) {
    Daemon daemon({"--max-requests-per-process=2", "--max-connections=40"});
    HangingProcess hostile(daemon, 2);
    const std::size_t before = open_descriptors(daemon.pid());
    for (int i = 0; i < 200; ++i) {
        RawClient leaving = hostile.process.connect(daemon.socket());
        leaving.send_bytes(Bytes(4));
        leaving.send_request(pr_in(0, 24), null_device());
    }
    EXPECT_TRUE(eventually([&] { return open_descriptors(daemon.pid()) <= before; }))
        << open_descriptors(daemon.pid()) << " instead of " << before;
    // Some that have left may not be accepted yet, and take the places for a moment.
    EXPECT_TRUE(eventually([&] { return daemon.ask() == kNoDevice; }));
    hostile.release_and_expect_answers();
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Limits, WhoIsRefusedDoesNotWait) {
    Daemon daemon({"--max-requests-per-process=2", "--max-connections-per-user=4"});
    HangingProcess hostile(daemon, 2);
    std::vector<RawClient> idle(2);
    for (RawClient& client : idle) client = hostile.process.open(daemon.socket());
    for (int i = 0; i < 100; ++i) {
        RawClient refused = hostile.process.connect(daemon.socket());
        ASSERT_TRUE(refused.closed_by_peer());
    }
    hostile.release_and_expect_answers();
    EXPECT_EQ(daemon.end(), 0);
}

/// A user that nobody else is, so that its threads are the daemon's.
constexpr char kLonelyUser[] = "54321";

void allow_few_threads() {
    const rlimit few{10, 10};
    ::setrlimit(RLIMIT_NPROC, &few);
}

TEST(Limits, WithoutFurtherThreadsClientsWaitAndTheServerDoesNotHang) {
    Daemon daemon({"-u", kLonelyUser, "--drain-timeout=2"}, {{}, allow_few_threads, {}, false});
    open_to_all(daemon);
    HangingProcess hostile(daemon, 30);
    ASSERT_TRUE(
        daemon.process().err_contains("No further thread can be started: clients wait until one is free"));
    RawClient waiting = daemon.connect();
    ASSERT_TRUE(waiting.send_request(pr_in(0, 24), null_device())) << "who comes is let in";
    hostile.release_and_expect_answers();
    const auto reply = waiting.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->brief(), kNoDevice) << "it only had to wait";
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Limits, WithoutFurtherThreadsTheEndComesInTime) {
    Daemon daemon({"-u", kLonelyUser, "--drain-timeout=1"}, {{}, allow_few_threads, {}, false});
    open_to_all(daemon);
    HangingProcess hostile(daemon, 30);
    ASSERT_TRUE(daemon.process().err_contains("No further thread can be started"));
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_TRUE(daemon.process().err_contains("In all: 30 requests abandoned (--drain-timeout)"));
}

TEST(Limits, WhoIsRefusedTakesNoPlaceOfOthers) {
    Daemon daemon({"--allow-uid=0", "--max-connections=20"});
    open_to_all(daemon);
    OtherProcess nobody(become_nobody);
    std::list<LingeringSocket> devices;
    ASSERT_TRUE(daemon.process().stop());  // so that what follows is there before they are refused
    for (int i = 0; i < 40; ++i) {
        RawClient refused = nobody.connect(daemon.socket());
        devices.emplace_back();
        ASSERT_TRUE(refused.send_bytes(Bytes(4), {devices.back().descriptor()}));
        devices.back().leave_it_to_others();
    }
    daemon.process().go_on();
    ASSERT_TRUE(eventually([&] { return thread_statuses(daemon.pid()).size() > 40; })) << "each hangs one";
    std::vector<RawClient> mine(20);
    for (RawClient& client : mine) {
        ASSERT_TRUE(client.open(daemon.socket()));
        EXPECT_EQ(ask(client), kNoDevice);
    }
    for (LingeringSocket& device : devices) device.release();
    EXPECT_EQ(daemon.end(), 0);
}

TEST(Limits, LinesAboutClientsInASecond) {
    Daemon daemon({"--log-rate=1"});
    for (int i = 0; i < 200; ++i) {
        RawClient client = daemon.connect();
        ASSERT_TRUE(client.send_request({0x12}, null_device()));
        ASSERT_TRUE(client.closed_by_peer());
    }
    EXPECT_EQ(daemon.end(), 0);
    ASSERT_TRUE(daemon.process().err_contains("In all: 200 protocol violations"));
    std::size_t lines = 0;
    const std::string text = daemon.process().err();
    for (std::size_t at = text.find("Invalid CDB"); at != text.npos; at = text.find("Invalid CDB", at + 1))
        ++lines;
    EXPECT_GE(lines, 10U) << "at once";
    EXPECT_LT(lines, 150U) << "10, and one for each second that the test took";
}

/// What a client gets that is started by `become` and connects to a daemon with `arguments`.
std::string answer(const std::vector<std::string>& arguments, const std::function<void()>& become) {
    Daemon daemon(arguments);
    open_to_all(daemon);
    OtherProcess process(become);
    RawClient client = process.connect(daemon.socket());
    const std::string answer = client.handshake() ? ask(client) : "refused";
    EXPECT_EQ(daemon.end(), 0);
    const bool told = daemon.process().err_contains("is not served (--allow-uid, --allow-gid)", 0);
    EXPECT_EQ(told, answer == "refused") << daemon.process().err();
    return answer;
}

TEST(AllowedPeers, AreServedByTheirUser) {
    EXPECT_EQ(answer({"--allow-uid=nobody"}, become_nobody), kNoDevice);
    EXPECT_EQ(answer({"--allow-uid=1", "--allow-uid=65534"}, become_nobody), kNoDevice);
    EXPECT_EQ(answer({"--allow-uid=1"}, become_nobody), "refused");
    EXPECT_EQ(answer({"--allow-uid=nobody"}, [] {}), "refused") << "root is a user like others";
}

TEST(AllowedPeers, AreServedByTheirGroups) {
    const auto in_group = [](unsigned group) { return [group] { become_nobody_in_group(group); }; };
    EXPECT_EQ(answer({"--allow-gid=65534"}, become_nobody), kNoDevice);
    EXPECT_EQ(answer({"--allow-gid=4711"}, in_group(4711)), kNoDevice) << "a supplementary one";
    EXPECT_EQ(answer({"--allow-gid=4711"}, in_group(4712)), "refused");
    EXPECT_EQ(answer({"--allow-uid=1", "--allow-gid=4711"}, in_group(4711)), kNoDevice) << "either is enough";
}

}  // namespace
}  // namespace prh::test
