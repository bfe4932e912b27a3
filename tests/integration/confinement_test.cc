// SPDX-License-Identifier: MIT
// An intruder inside of the real daemon, on the thread that serves his request: what he tries is refused, or
// ends the process. Under every way to start the program. (tests/unit/server_confinement_test.cc: each rule
// by itself.)
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sched.h>
#include <scsi/sg.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "support/background_daemon.h"
#include "support/daemon.h"
#include "support/descriptor.h"
#include "support/environment.h"
#include "support/system_call_page.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

const std::string kKilled = "the process died of signal " + std::to_string(SIGSYS);
const std::string kNoSuchCall = std::strerror(ENOSYS);
const std::string kDenied = std::strerror(EACCES);

enum class Way { AsRoot, AsUser, AsGroup, InBackground, WithAmbientRawIo };

std::string name_of(Way way) {
    switch (way) {
        case Way::AsRoot: return "AsRoot";
        case Way::AsUser: return "AsUser";
        case Way::AsGroup: return "AsGroup";
        case Way::InBackground: return "InBackground";
        case Way::WithAmbientRawIo: return "WithAmbientRawIo";
    }
    return "";
}

/// A running daemon with the intruder inside.
class Intruded {
  public:
    explicit Intruded(Way way) : way_(way) {
        const Descriptor file(directory_ / "page", O_RDWR | O_CREAT);
        EXPECT_EQ(::ftruncate(file.get(), sizeof(SystemCallPage)), 0);
        EXPECT_EQ(::fchmod(file.get(), 0666), 0);
        void* const mapped =
            ::mmap(nullptr, sizeof(SystemCallPage), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
        if (mapped == MAP_FAILED) throw std::runtime_error("no page");
        page_ = new (mapped) SystemCallPage;
        EXPECT_EQ(::chown(directory_.path().c_str(), kNobody, kNobody), 0);
        start();
    }
    Intruded(const Intruded&) = delete;
    Intruded& operator=(const Intruded&) = delete;
    ~Intruded() { ::munmap(page_, sizeof(SystemCallPage)); }

    /// "done", an error's text, or how the process died; a new one is started then.
    std::string attempt(long number, const std::array<long, 6>& arguments = {}) {
        page_->number = number;
        std::copy(arguments.begin(), arguments.end(), page_->arguments);
        page_->done = 0;
        page_->wanted = 1;
        const std::string answer = ask(client_);
        if (page_->done == 0) {
            const auto code = end(0);
            start();
            if (!code) return "neither an answer nor the end";
            return "the process died of signal " + std::to_string(*code - 128);
        }
        EXPECT_EQ(answer, kNoDevice) << "the daemon goes on as if nothing had been tried";
        EXPECT_NE(page_->thread, pid()) << "it was not a worker";
        return page_->result >= 0 ? "done" : std::strerror(page_->error);
    }

    /// As an argument: the text, where the program can read it.
    long text(const std::string& text, std::size_t which = 0) {
        std::strncpy(page_->texts[which], text.c_str(), sizeof page_->texts[which] - 1);
        return static_cast<long>(page_->address + offsetof(SystemCallPage, texts) +
                                 which * sizeof page_->texts[0]);
    }
    long room() const { return static_cast<long>(page_->address + offsetof(SystemCallPage, room)); }

    pid_t pid() const { return background_ ? background_->pid() : process_->pid(); }
    std::optional<int> end(int signal) {
        if (background_) return background_->end(signal);
        process_->signal(signal);
        return process_->wait();
    }
    const TemporaryDirectory& directory() const { return directory_; }

  private:
    void start() {
        background_.reset();
        const std::string socket = directory_ / "socket";
        std::vector<std::string> line{built("qemu-pr-helper"), "-k", socket};
        ProcessOptions options;
        options.environment = {{"LD_PRELOAD", PRH_BIN_DIR "/tests/system_call_caller.so"},
                               {kSystemCallVariable, directory_ / "page"}};
        switch (way_) {
            case Way::AsRoot: break;
            case Way::AsUser: line.insert(line.end(), {"-u", "nobody"}); break;
            case Way::AsGroup: line.insert(line.end(), {"-g", "nogroup"}); break;
            case Way::InBackground: line.insert(line.end(), {"-d", "-f", directory_ / "pid"}); break;
            case Way::WithAmbientRawIo: options.before_exec = become_nobody_with_rawio; break;
        }
        process_.emplace(line, options);
        if (way_ == Way::InBackground) {
            EXPECT_EQ(process_->wait(), 0) << process_->err();
            background_.emplace(directory_ / "pid");
        }
        EXPECT_TRUE(eventually([&] {
            return client_.open(socket) || (!background_ && !process_->running());
        })) << process_->err();
        EXPECT_NE(page_->address, 0U) << "there is no intruder inside";
    }

    const Way way_;
    const Orphanage orphanage_;
    TemporaryDirectory directory_;
    SystemCallPage* page_;
    std::optional<Process> process_;
    std::optional<BackgroundDaemon> background_;
    RawClient client_;
};

class Confinement : public ::testing::TestWithParam<Way> {
  protected:
    Intruded daemon_{GetParam()};
};

TEST_P(Confinement, EndsTheProcessForWhatOnlyAnIntruderTries) {
    struct Deadly {
        const char* name;
        long number;
        std::array<long, 6> arguments;
    };
    const long program = daemon_.text("/bin/true");
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
        EXPECT_EQ(daemon_.attempt(call.number, call.arguments), kKilled) << call.name;
}

TEST_P(Confinement, RefusesTheRestAndServesOn) {
    constexpr long kPage = 4096;
    const auto refused = [&](const char* name, long number, std::array<long, 6> arguments = {}) {
        EXPECT_EQ(daemon_.attempt(number, arguments), kNoSuchCall) << name;
    };
    refused("another process", SYS_clone, {SIGCHLD});
    refused("another process", SYS_clone3, {daemon_.room(), 64});
    refused("a thread in a namespace of its own", SYS_clone, {CLONE_THREAD | CLONE_VM | CLONE_NEWUSER});
    for (const long family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK})
        refused("a socket to elsewhere", SYS_socket, {family, SOCK_DGRAM});
    refused("a pair of sockets", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, daemon_.room()});
    refused("a listener", SYS_bind, {0, daemon_.room(), 2});
    refused("a listener", SYS_listen, {0, 1});
    refused("another's end", SYS_kill, {::getpid(), 0});
    refused("another's end", SYS_tkill, {::getpid(), 0});
    refused("another's end", SYS_tgkill, {::getpid(), ::getpid(), 0});
    refused("another's end", SYS_pidfd_open, {::getpid()});
    refused("another's end", SYS_rt_sigqueueinfo, {::getpid(), 0, daemon_.room()});
    refused("memory that is code", SYS_mmap,
            {0, kPage, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1});
    refused("memory that becomes code", SYS_mprotect,
            {daemon_.room() & -kPage, kPage, PROT_READ | PROT_EXEC});
    refused("memory that becomes code", SYS_pkey_mprotect, {daemon_.room() & -kPage, kPage, PROT_EXEC, -1});
    refused("memory that is a file", SYS_memfd_create, {daemon_.text("x"), 0});
    refused("reading that executes", SYS_personality, {0x0400000});  // READ_IMPLIES_EXEC
    refused("another user", SYS_setuid, {0});
    refused("another user", SYS_setresuid, {0, 0, 0});
    refused("another group", SYS_setgid, {0});
    refused("another group", SYS_setgroups, {0, 0});
    refused("capabilities", SYS_capset, {daemon_.room(), daemon_.room()});
    refused("memory that others can read", SYS_prctl, {PR_SET_DUMPABLE, 1});
    refused("another filter", SYS_seccomp, {1, 0, 0});
    refused("other limits", SYS_prlimit64, {0, 7, daemon_.room(), 0});
    refused("an old open", SYS_openat2, {AT_FDCWD, daemon_.text("/etc/passwd"), daemon_.room(), 24});
    refused("a descriptor of another process", SYS_pidfd_getfd, {0, 0, 0});
    refused("a file's mode", SYS_fchmod, {0, 0777});
    refused("a link", SYS_symlinkat,
            {daemon_.text("x"), AT_FDCWD, daemon_.text(daemon_.directory() / "y", 1)});
    refused("a lease", SYS_fcntl, {0, F_SETLEASE, F_RDLCK});
    refused("the clock", SYS_clock_settime, {0, daemon_.room()});
    EXPECT_EQ(daemon_.end(SIGTERM), 0);
}

TEST_P(Confinement, ReachesNoFileOfOthers) {
    if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
        PRH_CANNOT_RUN("the kernel has no Landlock");
    const TemporaryDirectory others;
    ASSERT_EQ(::chmod(others.path().c_str(), 0777), 0);
    write_file(others / "there", "x");
    ASSERT_EQ(::chmod((others / "there").c_str(), 0666), 0);
    const auto opens = [&](const std::string& path, long flags) {
        return daemon_.attempt(SYS_openat, {AT_FDCWD, daemon_.text(path), flags, 0600});
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
    EXPECT_EQ(opens(daemon_.directory() / "page", O_RDONLY), kDenied) << "beside its own socket";
    EXPECT_EQ(opens(daemon_.directory() / "new", O_WRONLY | O_CREAT), kDenied);
    EXPECT_EQ(daemon_.attempt(SYS_unlinkat, {AT_FDCWD, daemon_.text(others / "there"), 0}), kDenied);
    const std::array<long, 6> out_of_others = {AT_FDCWD, daemon_.text(others / "there"), AT_FDCWD,
                                               daemon_.text(daemon_.directory() / "mine", 1)};
    EXPECT_NE(daemon_.attempt(SYS_renameat, out_of_others), "done");
    EXPECT_TRUE(exists(others / "there"));
}

INSTANTIATE_TEST_SUITE_P(Started, Confinement,
                         ::testing::Values(Way::AsRoot, Way::AsUser, Way::AsGroup, Way::InBackground,
                                           Way::WithAmbientRawIo),
                         [](const auto& it) { return name_of(it.param); });

/// The argument is an int in the kernel: what stands above its 32 bits must not hide another request.
TEST(ConfinementOfIoctl, KnowsTwoRequestsOfAllThatThereAre) {
    Intruded daemon(Way::AsRoot);
    constexpr long kDiskSequence = _IOR(0x12, 128, std::uint64_t);  // BLKGETDISKSEQ
    for (const long high : {0L, 1L << 32, 1L << 62})
        for (const long request : {long{SG_IO}, kDiskSequence})
            EXPECT_EQ(daemon.attempt(SYS_ioctl, {-1, high | request}),
                      high == 0 ? std::strerror(EBADF) : kNoSuchCall)
                << request;
    for (const unsigned long request : std::initializer_list<unsigned long>{
             BLKRRPART, BLKGETSIZE64, FIONREAD, FICLONE, BLKDISCARD, 0x5387UL /* CDROM_SEND_PACKET */,
             0x1UL /* SCSI_IOCTL_SEND_COMMAND */})
        EXPECT_EQ(daemon.attempt(SYS_ioctl, {-1, static_cast<long>(request)}), kNoSuchCall) << request;
    // Those without a direction and a size, among them all of SCSI's and of block devices' that are older
    // than _IOC.
    for (long request = 0; request <= 0xFFFF; ++request) {
        if (request == SG_IO) continue;
        ASSERT_EQ(daemon.attempt(SYS_ioctl, {-1, request}), kNoSuchCall) << request;
    }
}

/// Every call that the kernel may have, with arguments that mean nothing to it: an error that is not ENOSYS
/// is the kernel's own, so the call came through.
TEST(ConfinementOfSystemCalls, LeavesFewOfAll) {
    Intruded daemon(Way::AsRoot);
    constexpr long kMost = 512;
    std::size_t reached = 0, deadly = 0;
    for (long number = 0; number < kMost; ++number) {
        if (number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn) {
            ++reached;  // allowed, and nothing comes back from them
            continue;
        }
        const std::string outcome = daemon.attempt(number, {-1, -1, -1, -1, -1, -1});
        if (outcome == kKilled)
            ++deadly;
        else if (outcome != kNoSuchCall)
            ++reached;
    }
    EXPECT_LE(reached, 75U);
    EXPECT_GE(deadly, 25U);
}

#ifdef __x86_64__
TEST(ConfinementOfSystemCalls, KnowsNoOtherWayToMakeThem) {
    Intruded daemon(Way::AsRoot);
    constexpr long kX32 = 0x40000000;  // __X32_SYSCALL_BIT: the same calls by other numbers
    EXPECT_EQ(daemon.attempt(kX32 | SYS_getpid), kKilled);
    EXPECT_EQ(daemon.attempt(kX32 | 520 /* execve */, {daemon.text("/bin/true")}), kKilled);
}
#endif

}  // namespace
}  // namespace prh::test
