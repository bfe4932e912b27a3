// SPDX-License-Identifier: MIT
// An intruder inside of the real daemon, on the thread that serves his request: what he tries is refused, or
// ends the process. Under every way to start the program. (tests/unit/server_confinement_test.cc: each rule
// by itself.)
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sched.h>
#include <scsi/sg.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <sstream>

#include "integration/intruded_daemon.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/like_process.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

const std::string kKilled = "the process died of signal " + std::to_string(SIGSYS);
const std::string kNoSuchCall = std::strerror(ENOSYS);
// <linux/landlock.h>, which old kernel headers lack
constexpr long kCreateLandlockRuleset = 444;
constexpr unsigned kAskVersion = 1;
const std::string kDenied = std::strerror(EACCES);

class Confinement : public ::testing::TestWithParam<Way> {
  protected:
    void SetUp() override {
        if (const std::string obstacle = obstacle_to(GetParam()); !obstacle.empty()) PRH_CANNOT_RUN(obstacle);
        intruded_.emplace(GetParam());
    }
    IntrudedDaemon& daemon() { return *intruded_; }

  private:
    std::optional<IntrudedDaemon> intruded_;
};

TEST_P(Confinement, EndsTheProcessForWhatOnlyAnIntruderTries) {
    struct Deadly {
        const char* name;
        long number;
        std::array<long, 6> arguments;
    };
    const long program = daemon().text("/bin/true");
    const Deadly calls[] = {
        {"execve", SYS_execve, {program}},
        {"execveat", SYS_execveat, {AT_FDCWD, program}},
        {"ptrace", SYS_ptrace, {PTRACE_ATTACH, ::getpid()}},
        {"process_vm_readv", SYS_process_vm_readv, {::getpid()}},
        {"process_vm_writev", SYS_process_vm_writev, {::getpid()}},
        {"init_module", SYS_init_module, {}},
        {"finit_module", SYS_finit_module, {}},
        {"kexec_load", SYS_kexec_load, {}},
        {"mount", SYS_mount, {program, program, program}},
        {"umount2", SYS_umount2, {program}},
        {"pivot_root", SYS_pivot_root, {program, program}},
        {"chroot", SYS_chroot, {program}},
        {"unshare", SYS_unshare, {CLONE_NEWUSER}},
        {"setns", SYS_setns, {}},
        {"bpf", SYS_bpf, {}},
        {"perf_event_open", SYS_perf_event_open, {}},
        {"open_by_handle_at", SYS_open_by_handle_at, {}},
        {"userfaultfd", SYS_userfaultfd, {}},
        {"io_uring_setup", SYS_io_uring_setup, {}},
        {"keyctl", SYS_keyctl, {}},
    };
    for (const Deadly& call : calls)
        EXPECT_EQ(daemon().attempt(call.number, call.arguments), kKilled) << call.name;
}

TEST_P(Confinement, RefusesTheRestAndServesOn) {
    constexpr long kPage = 4096;
    const auto refused = [&](const char* name, long number, std::array<long, 6> arguments = {}) {
        EXPECT_EQ(daemon().attempt(number, arguments), kNoSuchCall) << name;
    };
    refused("another process", SYS_clone, {SIGCHLD});
    refused("another process", SYS_clone3, {daemon().room(), 64});
    refused("a thread in a namespace of its own", SYS_clone, {CLONE_THREAD | CLONE_VM | CLONE_NEWUSER});
    for (const long family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK})
        refused("a socket to elsewhere", SYS_socket, {family, SOCK_DGRAM});
    refused("a pair of sockets", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, daemon().room()});
    refused("a listener", SYS_bind, {0, daemon().room(), 2});
    refused("a listener", SYS_listen, {0, 1});
    refused("another's end", SYS_kill, {::getpid(), 0});
    refused("another's end", SYS_tkill, {::getpid(), 0});
    refused("another's end", SYS_tgkill, {::getpid(), ::getpid(), 0});
    refused("another's end", SYS_pidfd_open, {::getpid()});
    refused("another's end", SYS_rt_sigqueueinfo, {::getpid(), 0, daemon().room()});
    refused("memory that is code", SYS_mmap,
            {0, kPage, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1});
    refused("memory that becomes code", SYS_mprotect,
            {daemon().room() & -kPage, kPage, PROT_READ | PROT_EXEC});
    refused("memory that becomes code", SYS_pkey_mprotect, {daemon().room() & -kPage, kPage, PROT_EXEC, -1});
    refused("memory that is a file", SYS_memfd_create, {daemon().text("x"), 0});
    refused("reading that executes", SYS_personality, {0x0400000});  // READ_IMPLIES_EXEC
    refused("another user", SYS_setuid, {0});
    refused("another user", SYS_setresuid, {0, 0, 0});
    refused("another group", SYS_setgid, {0});
    refused("another group", SYS_setgroups, {0, 0});
    refused("capabilities", SYS_capset, {daemon().room(), daemon().room()});
    refused("memory that others can read", SYS_prctl, {PR_SET_DUMPABLE, 1});
    refused("another filter", SYS_seccomp, {1, 0, 0});
    refused("other limits", SYS_prlimit64, {0, 7, daemon().room(), 0});
    refused("an old open", SYS_openat2, {AT_FDCWD, daemon().text("/etc/passwd"), daemon().room(), 24});
    refused("a descriptor of another process", SYS_pidfd_getfd, {0, 0, 0});
    refused("a file's mode", SYS_fchmod, {0, 0777});
    refused("a link", SYS_symlinkat,
            {daemon().text("x"), AT_FDCWD, daemon().text(daemon().directory() / "y", 1)});
    refused("a lease", SYS_fcntl, {0, F_SETLEASE, F_RDLCK});
    refused("the clock", SYS_clock_settime, {0, daemon().room()});
    EXPECT_EQ(daemon().end(SIGTERM), 0);
}

TEST_P(Confinement, ReachesNoFileOfOthers) {
    if (::syscall(kCreateLandlockRuleset, nullptr, 0, kAskVersion) < 1)
        PRH_CANNOT_RUN("the kernel has no Landlock");
    const TemporaryDirectory others;
    ASSERT_EQ(::chmod(others.path().c_str(), 0777), 0);
    write_file(others / "there", "x");
    ASSERT_EQ(::chmod((others / "there").c_str(), 0666), 0);
    const auto opens = [&](const std::string& path, long flags) {
        return daemon().attempt(SYS_openat, {AT_FDCWD, daemon().text(path), flags, 0600});
    };
    EXPECT_EQ(opens("/etc/passwd", O_RDONLY), kDenied);
    EXPECT_EQ(opens("/proc/self/mem", O_RDWR), kDenied);
    EXPECT_EQ(opens("/proc/self/environ", O_RDONLY), kDenied);
    EXPECT_EQ(opens("/etc", O_RDONLY | O_DIRECTORY), kDenied);
    EXPECT_EQ(opens(others / "there", O_RDONLY), kDenied);
    EXPECT_EQ(opens(others / "there", O_WRONLY | O_TRUNC), kDenied);
    EXPECT_EQ(opens(others / "new", O_WRONLY | O_CREAT), kDenied);
    EXPECT_EQ(opens("/dev/null", O_WRONLY), kDenied) << "nodes are opened for reading";
    EXPECT_EQ(opens("/dev/null", O_RDONLY), "done");
    EXPECT_EQ(opens(daemon().directory() / "page", O_RDONLY), kDenied) << "beside its own socket";
    EXPECT_EQ(opens(daemon().directory() / "new", O_WRONLY | O_CREAT), kDenied);
    EXPECT_EQ(daemon().attempt(SYS_unlinkat, {AT_FDCWD, daemon().text(others / "there"), 0}), kDenied);
    const std::array<long, 6> out_of_others = {AT_FDCWD, daemon().text(others / "there"), AT_FDCWD,
                                               daemon().text(daemon().directory() / "mine", 1)};
    EXPECT_NE(daemon().attempt(SYS_renameat, out_of_others), "done");
    EXPECT_TRUE(exists(others / "there"));
}

/// The kernel takes 32 bits of the argument, and so does the filter: what stands above them neither hides
/// another request nor changes one (musl passes BLKGETDISKSEQ with all of them set).
TEST_P(Confinement, KnowsThreeIoctlsOfAllThatThereAre) {
    constexpr long kDiskSequence = _IOR(0x12, 128, std::uint64_t);  // BLKGETDISKSEQ
    constexpr long kProcess = _IOWR(0xFF, 11, char[64]);            // PIDFD_GET_INFO
    for (const long high : {0L, 1L << 32, 1L << 62, -1L << 32}) {
        for (const long request : {long{SG_IO}, kDiskSequence, kProcess})
            EXPECT_EQ(daemon().attempt(SYS_ioctl, {-1, high | request}), std::strerror(EBADF)) << request;
        EXPECT_EQ(daemon().attempt(SYS_ioctl, {-1, high | BLKRRPART}), kNoSuchCall);
    }
    for (const unsigned long request : std::initializer_list<unsigned long>{
             BLKRRPART, BLKGETSIZE64, FIONREAD, FICLONE, BLKDISCARD, 0x5387UL /* CDROM_SEND_PACKET */,
             0x1UL /* SCSI_IOCTL_SEND_COMMAND */})
        EXPECT_EQ(daemon().attempt(SYS_ioctl, {-1, static_cast<long>(request)}), kNoSuchCall) << request;
    // Those without a direction and a size, among them all of SCSI's and of block devices' that are older
    // than _IOC.
    const std::vector<int> errors = daemon().sweep(SYS_ioctl, {-1, 0}, 1, SystemCallPage::kMost);
    ASSERT_EQ(errors.size(), SystemCallPage::kMost);
    for (std::size_t request = 0; request < errors.size(); ++request)
        EXPECT_EQ(errors[request], request == SG_IO ? EBADF : ENOSYS) << request;
}

/// Every call that the kernel may have, with arguments that mean nothing to it: an error that is not ENOSYS
/// is the kernel's own, so the call came through.
TEST_P(Confinement, LeavesFewSystemCallsOfAll) {
    constexpr long kMost = 512;
    std::size_t reached = 0, deadly = 0;
    for (long number = 0; number < kMost; ++number) {
        if (number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn) {
            ++reached;  // allowed, and nothing comes back from them
            continue;
        }
        const std::string outcome = daemon().attempt(number, {-1, -1, -1, -1, -1, -1});
        if (outcome == kKilled)
            ++deadly;
        else if (outcome != kNoSuchCall)
            ++reached;
    }
    EXPECT_LE(reached, 81U);
    EXPECT_GE(deadly, 25U);
}

#ifdef __x86_64__
TEST_P(Confinement, KnowsNoOtherWayToMakeSystemCalls) {
    constexpr long kX32 = 0x40000000;  // __X32_SYSCALL_BIT: the same calls by other numbers
    EXPECT_EQ(daemon().attempt(kX32 | SYS_getpid), kKilled);
    EXPECT_EQ(daemon().attempt(kX32 | 520 /* execve */, {daemon().text("/bin/true")}), kKilled);
}
#endif

TEST_P(Confinement, ShowsItsMemoryToNoProcessOfItsUser) {
    const std::string file = "/proc/" + std::to_string(daemon().pid()) + "/environ";
    struct stat owned {};
    ASSERT_EQ(::stat(file.c_str(), &owned), 0);
    EXPECT_EQ(owned.st_uid, 0U) << "it can be dumped";
    EXPECT_EQ(owned.st_gid, 0U) << "it can be dumped";
    EXPECT_EQ(memory_opened_by_its_like(daemon().pid()), kDenied);

    // The same of one that is as the daemon, but dumpable: so it is this that keeps its like out.
    ProcessOptions like;
    like.before_exec = becoming_like(daemon().pid());
    Process dumpable({"/bin/sleep", "300"}, like);
    EXPECT_TRUE(eventually([&] { return memory_opened_by_its_like(dumpable.pid()) == "done"; }))
        << memory_opened_by_its_like(dumpable.pid());
}

INSTANTIATE_TEST_SUITE_P(Started, Confinement, ::testing::ValuesIn(kWays),
                         [](const auto& it) { return name_of(it.param); });

/// The kernel's log, where it may be read.
std::string kernel_log() {
    constexpr int kReadAll = 3;  // syslog(2)
    std::string text(1 << 20, '\0');
    const int size = ::klogctl(kReadAll, text.data(), static_cast<int>(text.size()));
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

class ConfinementMode : public ::testing::Test {
  protected:
    static void expect_filters(IntrudedDaemon& daemon, const std::string& mode) {
        for (auto& thread : thread_statuses(daemon.pid())) EXPECT_EQ(thread["Seccomp"], mode);
    }
};

TEST_F(ConfinementMode, LogAllowsWhatItNames) {
    IntrudedDaemon daemon(Way::AsRoot, {"--seccomp=log"});
    expect_filters(daemon, "2");
    const std::string process = " pid=" + std::to_string(daemon.pid()) + " ";
    const std::string call = " syscall=" + std::to_string(SYS_socket) + " ";
    const auto is_named = [&] {
        EXPECT_EQ(daemon.attempt(SYS_socket, {AF_INET, SOCK_DGRAM}), "done");
        std::istringstream lines(kernel_log());
        for (std::string line; std::getline(lines, line);)
            if (line.find("type=1326") != line.npos && line.find(process) != line.npos &&
                line.find(call) != line.npos)
                return true;
        return false;
    };
    EXPECT_EQ(daemon.attempt(SYS_execve, {daemon.text("/no/such/program")}), std::strerror(ENOENT));
    // Without a daemon that takes audit records the kernel prints them, some in a second.
    if (kernel_log().find("audit: ") == std::string::npos || exists("/run/auditd.pid"))
        std::cout << "what is named cannot be read here\n";
    else
        EXPECT_TRUE(eventually(is_named)) << kernel_log();
    EXPECT_EQ(daemon.end(SIGTERM), 0);
}

TEST_F(ConfinementMode, OffHasNoFilter) {
    IntrudedDaemon daemon(Way::AsRoot, {"--seccomp=off"});
    expect_filters(daemon, "0");
    EXPECT_EQ(daemon.attempt(SYS_socket, {AF_INET, SOCK_DGRAM}), "done");
    EXPECT_EQ(daemon.end(SIGTERM), 0);
}

TEST_F(ConfinementMode, EnforceIsTheDefaultOfEveryThread) {
    IntrudedDaemon daemon(Way::AsRoot);
    expect_filters(daemon, "2");
}

}  // namespace
}  // namespace prh::test
