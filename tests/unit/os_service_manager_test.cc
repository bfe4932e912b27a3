// SPDX-License-Identifier: MIT
// systemd's two protocols: what is taken from the environment, what is refused, and what is sent.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include "os/service_manager.h"
#include "support/child_process.h"
#include "support/datagram_receiver.h"
#include "support/process.h"

namespace prh::test {
namespace {

std::string own_pid() { return std::to_string(::getpid()); }

/// What take_listen_fds() says in a child that has `open` descriptors from 3 on; "$PID" is the child's own.
std::string passed(std::map<std::string, std::string> environment, int open = 2) {
    return in_child([&] {
        ::close_range(3, 499, 0);
        for (int fd = 3; fd < 3 + open; ++fd)
            if (::dup2(0, fd) < 0) return std::string("no descriptors");
        for (const auto& [name, value] : environment)
            ::setenv(name.c_str(), value == "$PID" ? own_pid().c_str() : value.c_str(), 1);
        const auto count = take_listen_fds();
        for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
            if (std::getenv(name) != nullptr) return std::string(name) + " is still there";
        if (!count) return count.error().message;
        std::string text = std::to_string(*count) + ":";
        for (int fd = 3; fd < 3 + open; ++fd)
            text += ::fcntl(fd, F_GETFD) == FD_CLOEXEC ? " closed" : " inherited";
        return text;
    });
}

TEST(ListenFds, AreCountedAndMadeCloseOnExec) {
    EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", "1"}, {"LISTEN_FDNAMES", "a"}}),
              "1: closed inherited");
    EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", "2"}}), "2: closed closed");
    EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", "0"}}), "0: inherited inherited");
}

TEST(ListenFds, ForSomebodyElseOrNobodyAreNone) {
    EXPECT_EQ(passed({}), "0: inherited inherited");
    EXPECT_EQ(passed({{"LISTEN_FDS", "1"}}), "0: inherited inherited");
    EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}}), "0: inherited inherited");
    for (const char* pid : {"1", "", "x", "-1", " 1"})
        EXPECT_EQ(passed({{"LISTEN_PID", pid}, {"LISTEN_FDS", "1"}}), "0: inherited inherited") << pid;
    for (const char* count : {"", "x", "1x", "0x1", " 1"})
        EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", count}}), "0: inherited inherited") << count;
}

TEST(ListenFds, AnImpossibleCountIsAnError) {
    for (const std::string count : {"-1", "2147483645", "4294967296", "9223372036854775807"})
        EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", count}}),
                  "Socket activation failed: LISTEN_FDS=" + count + " is no number of file descriptors");
}

TEST(ListenFds, OneThatIsClosedIsNamed) {
    const auto closed = [](int fd) {
        return "Socket activation failed: invalid file descriptor fd = " + std::to_string(fd) +
               ": Bad file descriptor";
    };
    EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", "1"}}, 0), closed(3));
    EXPECT_EQ(passed({{"LISTEN_PID", "$PID"}, {"LISTEN_FDS", "1000000"}}, 2), closed(5));
}

/// What activation_socket() says of the descriptor that `make` gives.
std::string activated(const std::function<int()>& make) {
    return in_child([&] {
        ::close_range(3, 499, 0);
        const int made = make();
        if (made >= 0 && made != 3) {
            ::dup2(made, 3);
            ::close(made);
        }
        const auto socket = activation_socket();
        if (!socket) return socket.error().message;
        return std::to_string(socket->get()) +
               ((::fcntl(socket->get(), F_GETFL) & O_NONBLOCK) != 0 ? " does not block" : " blocks");
    });
}

int unix_socket(int type, bool listening) {
    const int fd = ::socket(AF_UNIX, type, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;  // without a name: the kernel chooses an abstract one (unix(7), autobind)
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address.sun_family) != 0) return -1;
    return !listening || ::listen(fd, 1) == 0 ? fd : -1;
}

TEST(ActivationSocket, IsAListeningUnixStreamSocket) {
    EXPECT_EQ(activated([] { return unix_socket(SOCK_STREAM, true); }), "3 does not block");
}

TEST(ActivationSocket, AnythingElseIsRefused) {
    const std::string failed = "Failed to use socket activation: ";
    const std::string other_kind = failed + "file descriptor 3 is no unix stream socket";
    EXPECT_EQ(activated([] { return unix_socket(SOCK_DGRAM, false); }), other_kind);
    EXPECT_EQ(activated([] { return unix_socket(SOCK_SEQPACKET, true); }), other_kind);
    EXPECT_EQ(activated([] { return ::socket(AF_INET, SOCK_STREAM, 0); }), other_kind);
    EXPECT_EQ(activated([] { return unix_socket(SOCK_STREAM, false); }),
              failed + "file descriptor 3 does not listen (use Accept=no in the socket unit)");
    EXPECT_EQ(activated([] { return ::open("/dev/null", O_RDWR); }),
              failed + "Unable to query remote socket address: Socket operation on non-socket");
    EXPECT_EQ(activated([] { return -1; }),
              failed + "Unable to query remote socket address: Bad file descriptor");
}

/// Sends `state` to `address` in a child.
std::string notify(const std::string& address, std::string_view state) {
    return in_child([&] {
        ::setenv("NOTIFY_SOCKET", address.c_str(), 1);
        const ServiceManager manager = ServiceManager::from_environment();
        manager.notify(state);
        return std::string(std::getenv("NOTIFY_SOCKET") == nullptr ? "taken" : "left");
    });
}

TEST(Notify, ReachesASocketAtAPath) {
    TemporaryDirectory directory;
    DatagramReceiver receiver(directory / "notify");
    EXPECT_EQ(notify(directory / "notify", "READY=1\nSTATUS=serving"), "taken");
    EXPECT_EQ(receiver.messages(), std::vector<std::string>{"READY=1\nSTATUS=serving"});
}

TEST(Notify, ReachesAnAbstractSocket) {
    const std::string address = "@prh-unit-" + own_pid();
    DatagramReceiver receiver(address);
    EXPECT_EQ(notify(address, "READY=1"), "taken");
    EXPECT_EQ(receiver.messages(), std::vector<std::string>{"READY=1"});
}

TEST(Notify, ReachesAPathOf107Bytes) {
    TemporaryDirectory directory;
    const std::string path = directory / std::string(107 - directory.path().size() - 1, 'n');
    DatagramReceiver receiver(path);
    EXPECT_EQ(notify(path, "READY=1"), "taken");
    EXPECT_EQ(receiver.messages().size(), 1U);
}

TEST(Notify, ThatCannotBeDeliveredIsNoError) {
    for (const std::string address : {"", "@", "/", "/nonexistent/socket", "relative", "@nobody-is-there"})
        EXPECT_EQ(notify(address, "READY=1"), "taken") << address;
    EXPECT_EQ(notify("/" + std::string(300, 'x'), "READY=1"), "taken");
}

TEST(Notify, SaysThatItWasNotTaken) {
    EXPECT_EQ(in_child([] {
                  ::setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
                  const Status told = ServiceManager::from_environment().notify("READY=1");
                  return told ? std::string() : told.error().message;
              }),
              "Failed to notify the service manager at /nonexistent/socket (NOTIFY_SOCKET): No such file or "
              "directory");
}

TEST(Notify, WithoutAServiceManagerGoesNowhere) {
    EXPECT_EQ(in_child([] {
                  ::unsetenv("NOTIFY_SOCKET");
                  const ServiceManager manager = ServiceManager::from_environment();
                  manager.notify("READY=1");
                  return std::string("silent");
              }),
              "silent");
}

TEST(Notify, AManagerThatDoesNotReadHoldsUsUpForSomeSeconds) {
    TemporaryDirectory directory;
    DatagramReceiver receiver(directory / "notify");
    EXPECT_EQ(in_child([&] {
                  ::setenv("NOTIFY_SOCKET", (directory / "notify").c_str(), 1);
                  const ServiceManager manager = ServiceManager::from_environment();
                  const Descriptor other(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
                  sockaddr_un address{};
                  address.sun_family = AF_UNIX;
                  std::strcpy(address.sun_path, (directory / "notify").c_str());
                  while (::sendto(other.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address),
                                  sizeof address) == 1) {
                  }
                  manager.notify("WATCHDOG=1");
                  return std::string("back");
              }),
              "back")
        << "kLongest at most";
    EXPECT_EQ(receiver.count("WATCHDOG=1"), 0U);
}

/// The interval in microseconds, or "none".
std::string watchdog(std::map<std::string, std::string> environment) {
    return in_child([&] {
        for (const auto& [name, value] : environment)
            ::setenv(name.c_str(), value == "$PID" ? own_pid().c_str() : value.c_str(), 1);
        const auto interval = ServiceManager::from_environment().watchdog_interval();
        if (std::getenv("WATCHDOG_USEC") != nullptr || std::getenv("WATCHDOG_PID") != nullptr)
            return std::string("still there");
        return interval ? std::to_string(interval->count()) : std::string("none");
    });
}

TEST(Watchdog, IsInMicroseconds) {
    EXPECT_EQ(watchdog({{"WATCHDOG_USEC", "30000000"}}), "30000000");
    EXPECT_EQ(watchdog({{"WATCHDOG_USEC", "1"}, {"WATCHDOG_PID", "$PID"}}), "1");
}

TEST(Watchdog, OfSomebodyElseOrNoNumberIsNone) {
    EXPECT_EQ(watchdog({}), "none");
    EXPECT_EQ(watchdog({{"WATCHDOG_PID", "$PID"}}), "none");
    EXPECT_EQ(watchdog({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}), "none");
    for (const char* usec : {"", "0", "-1", "1s", "0x10", "99999999999999999999"})
        EXPECT_EQ(watchdog({{"WATCHDOG_USEC", usec}}), "none") << usec;
}

}  // namespace
}  // namespace prh::test
