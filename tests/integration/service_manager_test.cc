// SPDX-License-Identifier: MIT
// What systemd is told (sd_notify(3)): readiness, the end, and that the daemon is alive.
#include <gtest/gtest.h>
#include <signal.h>

#include "support/background_daemon.h"
#include "support/daemon.h"
#include "support/datagram_receiver.h"
#include "support/lingering_socket.h"

namespace prh::test {
namespace {

constexpr char kServing[] = "READY=1\nSTATUS=Serving persistent reservations";

class ServiceManager : public ::testing::Test {
  protected:
    ProcessOptions notifying(const std::string& address) const {
        ProcessOptions options;
        options.environment["NOTIFY_SOCKET"] = address;
        return options;
    }

    TemporaryDirectory directory_;
    const std::string path_ = directory_ / "notify";
};

TEST_F(ServiceManager, HearsOfReadinessAndOfTheEnd) {
    DatagramReceiver manager(path_);
    Daemon daemon({}, notifying(path_));
    EXPECT_TRUE(manager.receives(kServing));
    EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(manager.messages(), std::vector<std::string>{kServing});
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_EQ(manager.messages(),
              (std::vector<std::string>{kServing, "STOPPING=1\nSTATUS=Finishing 0 requests"}));
}

TEST_F(ServiceManager, AtAnAbstractAddressHearsTheSame) {
    const std::string address = "@" + directory_.path();
    DatagramReceiver manager(address);
    Daemon daemon({}, notifying(address));
    EXPECT_TRUE(manager.receives(kServing));
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_TRUE(manager.receives("STOPPING=1"));
}

TEST_F(ServiceManager, HearsWhenTheSocketCanBeServedAndNotBefore) {
    for (int i = 0; i < 10; ++i) {
        DatagramReceiver manager(directory_ / std::to_string(i));
        Daemon daemon({}, notifying(directory_ / std::to_string(i)));
        ASSERT_TRUE(manager.receives("READY=1"));
        EXPECT_EQ(daemon.ask(), kNoDevice);
    }
}

TEST_F(ServiceManager, IsReachedByAnOrdinaryUser) {
    DatagramReceiver manager(path_);
    Daemon daemon({"-u", "nobody"}, notifying(path_));
    EXPECT_TRUE(manager.receives(kServing));
    EXPECT_EQ(daemon.end(), 0);
    EXPECT_TRUE(manager.receives("STOPPING=1"));
}

TEST_F(ServiceManager, HearsHowManyRequestsAreFinished) {
    DatagramReceiver manager(path_);
    Daemon daemon({"-T", "request_received"}, notifying(path_));
    LingeringSocket slow;
    RawClient client = daemon.connect();
    ASSERT_TRUE(client.send_bytes({0x5E}, {slow.descriptor()}));
    slow.leave_it_to_others();
    ASSERT_TRUE(client.send_bytes(Bytes(15)));
    // It is in flight from this line on, until its descriptor lets itself be closed.
    ASSERT_TRUE(daemon.process().err_contains("request_received"));
    daemon.process().signal(SIGTERM);
    EXPECT_TRUE(manager.receives("STOPPING=1\nSTATUS=Finishing 1 requests"));
    slow.release();
    EXPECT_EQ(daemon.process().wait(), 0);
}

TEST_F(ServiceManager, HearsThePidOfTheProcessInTheBackground) {
    const Orphanage orphanage;
    DatagramReceiver manager(path_);
    const std::string pid_file = directory_ / "pid";
    Process starter({built("qemu-pr-helper"), "-d", "-k", directory_ / "socket", "-f", pid_file},
                    notifying(path_));
    ASSERT_EQ(starter.wait(), 0);
    BackgroundDaemon daemon(pid_file);
    EXPECT_TRUE(manager.receives(kServing));
    EXPECT_EQ(manager.messages(),
              (std::vector<std::string>{"MAINPID=" + std::to_string(daemon.pid()), kServing}));
    EXPECT_EQ(daemon.end(SIGTERM), 0);
}

TEST_F(ServiceManager, HearsNothingOfAStartThatFails) {
    DatagramReceiver manager(path_);
    Process process({built("qemu-pr-helper"), "-k", directory_ / "missing/socket"}, notifying(path_));
    EXPECT_EQ(process.wait(), 1);
    EXPECT_TRUE(manager.messages().empty());
}

TEST_F(ServiceManager, ThatIsNotThereChangesNothing) {
    for (const std::string& address :
         {path_, std::string("@") + path_, std::string("relative"), std::string("@"), std::string(),
          "/" + std::string(200, 'x'), std::string("vsock:2:1234")}) {
        Daemon daemon({}, notifying(address));
        EXPECT_EQ(daemon.ask(), kNoDevice) << address;
        EXPECT_EQ(daemon.end(), 0) << address;
    }
}

TEST_F(ServiceManager, IsToldThatTheDaemonIsAlive) {
    DatagramReceiver manager(path_);
    ProcessOptions options = notifying(path_);
    options.environment["WATCHDOG_USEC"] = "200000";
    options.environment["WATCHDOG_PID"] = "$PID";
    Daemon daemon({}, options);
    EXPECT_TRUE(eventually([&] { return manager.count("WATCHDOG=1") >= 5; }));
    EXPECT_EQ(daemon.end(), 0);
}

TEST_F(ServiceManager, IsToldThatTheDaemonIsAliveInTheBackground) {
    const Orphanage orphanage;
    DatagramReceiver manager(path_);
    ProcessOptions options = notifying(path_);
    options.environment["WATCHDOG_USEC"] = "200000";
    Process starter({built("qemu-pr-helper"), "-d", "-k", directory_ / "socket", "-f", directory_ / "pid"},
                    options);
    ASSERT_EQ(starter.wait(), 0);
    EXPECT_TRUE(eventually([&] { return manager.count("WATCHDOG=1") >= 3; }));
}

TEST_F(ServiceManager, IsNotToldWhereTheWatchdogIsNotOurs) {
    DatagramReceiver manager(path_);
    ProcessOptions options = notifying(path_);
    options.environment["WATCHDOG_USEC"] = "50000";
    options.environment["WATCHDOG_PID"] = "1";
    Daemon daemon({}, options);
    EXPECT_FALSE(manager.receives("WATCHDOG=1", 1));
    options.environment["WATCHDOG_PID"] = "$PID";
    for (const char* interval : {"0", "-5", "soon", ""}) {
        options.environment["WATCHDOG_USEC"] = interval;
        Daemon other({}, options);
        EXPECT_EQ(other.ask(), kNoDevice);
        EXPECT_EQ(other.end(), 0);
    }
    EXPECT_EQ(manager.count("WATCHDOG=1"), 0U);
}

TEST_F(ServiceManager, IsNotInTheWayWhenItIsStuck) {
    DatagramReceiver manager(path_);  // and reads nothing until the end
    ProcessOptions options = notifying(path_);
    options.environment["WATCHDOG_USEC"] = "20000";
    Daemon daemon({}, options);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(daemon.ask(), kNoDevice);
    EXPECT_EQ(daemon.end(), 0);
}

}  // namespace
}  // namespace prh::test
