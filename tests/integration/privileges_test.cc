// SPDX-License-Identifier: MIT
// What the serving process may still do, read back from the kernel for every one of its threads.
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include "support/background_daemon.h"
#include "support/daemon.h"
#include "support/environment.h"
#include "support/lingering_socket.h"
#include "support/listening_socket.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

constexpr char kRawIo[] = "0000000000020000";  // bit 17: CAP_SYS_RAWIO
constexpr char kNone[] = "0000000000000000";

std::string four(unsigned id) {
    const std::string text = std::to_string(id);
    return text + "\t" + text + "\t" + text + "\t" + text;
}

struct Expected {
    unsigned user;
    unsigned group;
    const char* bounding = kNone;
};

/// Some workers are kept busy first, so that there are threads of every kind and age.
void expect_privileges(pid_t pid, const std::string& socket, const Expected& expected) {
    std::vector<LingeringSocket> slow(3);
    std::vector<RawClient> clients(slow.size());
    for (std::size_t i = 0; i < slow.size(); ++i) {
        ASSERT_TRUE(clients[i].open(socket));
        ASSERT_TRUE(clients[i].send_bytes({0x5E}, {slow[i].descriptor()}));
        slow[i].leave_it_to_others();
        ASSERT_TRUE(clients[i].send_bytes(Bytes(15)));
    }
    EXPECT_TRUE(eventually([&] { return thread_statuses(pid).size() >= slow.size() + 2; }));
    EXPECT_EQ(ask(socket), kNoDevice);
    const auto threads = thread_statuses(pid);
    for (auto thread : threads) {
        EXPECT_EQ(thread["CapPrm"], kRawIo);
        EXPECT_EQ(thread["CapEff"], kRawIo);
        EXPECT_EQ(thread["CapInh"], kNone);
        EXPECT_EQ(thread["CapAmb"], kNone);
        EXPECT_EQ(thread["CapBnd"], expected.bounding);
        EXPECT_EQ(thread["Groups"].find_first_of("0123456789"), std::string::npos) << thread["Groups"];
        EXPECT_EQ(thread["NoNewPrivs"], "1");
        EXPECT_EQ(thread["Seccomp"], kSanitized ? "0" : "2");
        EXPECT_EQ(thread["Uid"], four(expected.user));
        EXPECT_EQ(thread["Gid"], four(expected.group));
    }
    for (std::size_t i = 0; i < slow.size(); ++i) {
        slow[i].release();
        EXPECT_TRUE(clients[i].read_reply());
    }
}

void expect_privileges(Daemon& daemon, const Expected& expected) {
    expect_privileges(daemon.pid(), daemon.socket(), expected);
    EXPECT_EQ(daemon.end(), 0);
}

/// In more groups than one, and with all that root has.
ProcessOptions by_a_rich_root() {
    ProcessOptions options;
    options.before_exec = [] {
        const gid_t groups[] = {4, 6, 4242};
        if (::setgroups(3, groups) != 0) ::_exit(125);
    };
    return options;
}

unsigned users_own_group(const char* user) { return ::getpwnam(user)->pw_gid; }

TEST(Privileges, OfRootByDefault) {
    Daemon daemon({}, by_a_rich_root());
    expect_privileges(daemon, {0, 0});
}

TEST(Privileges, AsLibvirtStartsIt) {
    ProcessOptions options = by_a_rich_root();
    options.close_stderr_reader = true;
    Daemon daemon({}, options);
    expect_privileges(daemon, {0, 0});
}

TEST(Privileges, OfTheThreadThatWritesTheAuditToo) {
    TemporaryDirectory directory;
    Daemon daemon({"--audit=" + (directory / "audit")}, by_a_rich_root());
    expect_privileges(daemon, {0, 0});
}

TEST(Privileges, OfAUserByName) {
    Daemon daemon({"-u", "nobody"}, by_a_rich_root());
    expect_privileges(daemon, {::getpwnam("nobody")->pw_uid, users_own_group("nobody")});
}

TEST(Privileges, OfAUserWhoseGroupHasAnotherNumber) {
    Daemon daemon({"--user=man"});
    expect_privileges(daemon, {::getpwnam("man")->pw_uid, users_own_group("man")});
}

TEST(Privileges, OfAUserAndAGroup) {
    Daemon daemon({"-u", "nobody", "-g", "daemon"}, by_a_rich_root());
    expect_privileges(daemon, {::getpwnam("nobody")->pw_uid, ::getgrnam("daemon")->gr_gid});
}

TEST(Privileges, OfAUserByNumber) {
    Daemon known({"-u", std::to_string(::getpwnam("nobody")->pw_uid)});
    expect_privileges(known, {::getpwnam("nobody")->pw_uid, users_own_group("nobody")});
    Daemon unknown({"-u", "4242"});  // there is no such account: a group of the same number
    expect_privileges(unknown, {4242, 4242});
    Daemon both({"-u", "4242", "-g", "4343"});
    expect_privileges(both, {4242, 4343});
}

TEST(Privileges, OfTheLastUserOfSeveral) {
    Daemon daemon({"-u", "nobody", "-u", "4242"});
    expect_privileges(daemon, {4242, 4242});
}

TEST(Privileges, OfAGroupAlone) {
    Daemon daemon({"-g", "nogroup"}, by_a_rich_root());
    expect_privileges(daemon, {0, ::getgrnam("nogroup")->gr_gid});
}

TEST(Privileges, InTheBackground) {
    if (kSanitizer == "thread")
        GTEST_SKIP()
            << "ThreadSanitizer's runtime starts a thread of its own in the forked child, before any drop";
    const Orphanage orphanage;
    TemporaryDirectory directory;
    const std::string socket = directory / "socket";
    Process starter({built("qemu-pr-helper"), "-d", "-k", socket, "-f", directory / "pid", "-u", "nobody"},
                    by_a_rich_root());
    ASSERT_EQ(starter.wait(), 0) << starter.err();
    BackgroundDaemon daemon(directory / "pid");
    expect_privileges(daemon.pid(), socket, {kNobody, users_own_group("nobody")});
    EXPECT_EQ(daemon.end(SIGTERM), 0);
}

TEST(Privileges, OnAPassedSocket) {
    TemporaryDirectory directory;
    const std::string socket = directory / "socket";
    const Descriptor listener = listening_socket(socket);
    Process process({built("qemu-pr-helper")}, activated_by(listener));
    expect_privileges(process.pid(), socket, {0, 0});
}

TEST(Privileges, OfAnOrdinaryUserWithAmbientRawIo) {
    PRH_NEEDS_OTHER_USERS();
    // What systemd gives with User= and AmbientCapabilities=; the existing program refuses to start so.
    // Without CAP_SETPCAP the bounding set cannot be emptied; no_new_privs makes it meaningless.
    const std::string ours = thread_statuses(::getpid()).at(0)["CapBnd"];
    TemporaryDirectory directory;
    ASSERT_EQ(::chown(directory.path().c_str(), kNobody, kNobody), 0);
    const std::string socket = directory / "socket";
    ProcessOptions options;
    options.before_exec = become_nobody_with_rawio;
    Process process({built("qemu-pr-helper"), "-k", socket}, options);
    ASSERT_TRUE(eventually([&] { return exists(socket) || !process.running(); }));
    expect_privileges(process.pid(), socket, {kNobody, kNobody, ours.c_str()});
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0) << process.err();
    EXPECT_FALSE(exists(socket));
}

TEST(Privileges, OfAnOrdinaryUserWhoNamesHimself) {
    PRH_NEEDS_OTHER_USERS();
    TemporaryDirectory directory;
    ASSERT_EQ(::chown(directory.path().c_str(), kNobody, kNobody), 0);
    const std::string socket = directory / "socket";
    ProcessOptions options;
    options.before_exec = become_nobody_with_rawio;
    Process process({built("qemu-pr-helper"), "-k", socket, "-u", "nobody"}, options);
    ASSERT_TRUE(eventually([&] { return exists(socket) || !process.running(); }));
    EXPECT_EQ(ask(socket), kNoDevice) << process.err();
}

}  // namespace
}  // namespace prh::test
