// SPDX-License-Identifier: MIT
#include "server/confinement.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "os/pidfd_info.h"

namespace prh {
namespace {

using Calls = std::vector<AllowedCall>;

// What the same function of the C library comes to differs by architecture: seccomp(2) sees a call's
// registers and no memory behind a pointer.
#ifdef __s390__
constexpr unsigned kCloneFlags = 1;        // CONFIG_CLONE_BACKWARDS2: the stack comes first
constexpr bool kArgumentsVisible = false;  // mmap(2) takes one pointer, and socket calls are socketcall(2)
#else
constexpr unsigned kCloneFlags = 0;
constexpr bool kArgumentsVisible = true;
#endif

/// `call` on its condition, where the filter can see the argument.
AllowedCall if_visible(const AllowedCall& call) {
    return kArgumentsVisible ? call : AllowedCall(call.number);
}

// Beside each group, who needs it. By libseccomp's names: a machine that lacks a call ignores it. A C library
// chooses between several calls for one function; `unit_confined_calls` makes each function that is used.
const Calls& service_calls() {
    static const Calls calls = {
        // epoll, timerfd and eventfd (aarch64 and musl: epoll_pwait)
        SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(timerfd_settime),
        SCMP_SYS(accept4),
        // connections, multipathd, the system log, the service manager; descriptors in flight
        SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(sendto), SCMP_SYS(read),
        SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close),
        // send(3) and recv(3) are calls of their own on ppc64le, and of socketcall(2) on s390x
        SCMP_SYS(send), SCMP_SYS(recv),
        // standard streams of the background; aarch64, riscv64 and loongarch64 have dup3 alone
        SCMP_SYS(dup2), SCMP_SYS(dup3),
        // poll is ppoll where the kernel has no poll (aarch64)
        SCMP_SYS(shutdown), SCMP_SYS(connect), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(getsockopt),
        // s390x: sockets of every family, since libseccomp cannot keep the condition in socketcall(2)
        AllowedCall::with(SCMP_SYS(socket), 0, AF_UNIX),
        if_visible(AllowedCall::with(SCMP_SYS(setsockopt), 1, SOL_SOCKET)),
        // what a descriptor is, what sysfs says of a disk, the nodes of paths, the record of a map
        SCMP_SYS(statx), SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(openat), SCMP_SYS(getdents64),
        SCMP_SYS(lseek), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
        SCMP_SYS(readlinkat), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(rename), SCMP_SYS(unlink),
        SCMP_SYS(unlinkat), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(pread64),
        SCMP_SYS(ftruncate), AllowedCall::with(SCMP_SYS(fcntl), 1, F_GETFL),
        AllowedCall::with(SCMP_SYS(fcntl), 1, F_SETFL), AllowedCall::with(SCMP_SYS(fcntl), 1, F_GETFD),
        AllowedCall::with(SCMP_SYS(fcntl), 1, F_SETFD),
        AllowedCall::with(SCMP_SYS(fcntl), 1, F_DUPFD_CLOEXEC),
        // the same by glibc before 2.33 (stat, lstat) and by musl (open, stat, lstat; readv of stdio)
        SCMP_SYS(open), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(readv),
        // threads, and nothing else that clone can make
        AllowedCall::with_bits(SCMP_SYS(clone), kCloneFlags, CLONE_THREAD | CLONE_VM | CLONE_NEWUSER,
                               CLONE_THREAD | CLONE_VM),
        SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(exit), SCMP_SYS(exit_group),
        SCMP_SYS(sched_yield), SCMP_SYS(set_tid_address),
        // memory, never executable (s390x: but by mmap)
        SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(mremap),
        if_visible(AllowedCall::with_bits(SCMP_SYS(mmap), 2, PROT_EXEC, 0)),
        AllowedCall::with_bits(SCMP_SYS(mprotect), 2, PROT_EXEC, 0),
        // time and chance
        SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday),
        SCMP_SYS(getrandom),
        // signals come through a descriptor; these are for abort(3) and for what the kernel restarts
        SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
        SCMP_SYS(getpid), SCMP_SYS(gettid),
        // whose a file is; they cannot fail, so nobody asks whether they did
        SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid)};
    return calls;
}

Calls start_calls() {
    Calls calls = service_calls();
    const Calls more = {
        // the socket, the pid file, the background
        SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(getsockname), SCMP_SYS(setsockopt), SCMP_SYS(socketpair),
        SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchown),
        SCMP_SYS(fchownat), SCMP_SYS(lchown), SCMP_SYS(umask), SCMP_SYS(link), SCMP_SYS(linkat),
        SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(clone), SCMP_SYS(fork) /* musl's fork(3) */,
        SCMP_SYS(setsid), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(dup), SCMP_SYS(pipe), SCMP_SYS(pipe2),
        SCMP_SYS(chdir), SCMP_SYS(getcwd), SCMP_SYS(fcntl),
        // signals, the ready queue
        SCMP_SYS(signalfd4), SCMP_SYS(eventfd2), SCMP_SYS(timerfd_create), SCMP_SYS(epoll_create1),
        // identity and limits, and this file
        SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setgroups), SCMP_SYS(setresuid), SCMP_SYS(setresgid),
        SCMP_SYS(getgroups), SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(capget), SCMP_SYS(capset),
        SCMP_SYS(prctl), SCMP_SYS(prlimit64), SCMP_SYS(setrlimit), SCMP_SYS(getrlimit), SCMP_SYS(seccomp),
        SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_add_rule), SCMP_SYS(landlock_restrict_self),
        SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity), SCMP_SYS(fstatfs), SCMP_SYS(statfs),
        SCMP_SYS(getppid), SCMP_SYS(ioctl), SCMP_SYS(tgkill), SCMP_SYS(tkill) /* musl's abort(3) */};
    calls.insert(calls.end(), more.begin(), more.end());
    return calls;
}

// What only an intruder would try.
const std::vector<int>& deadly_calls() {
    static const std::vector<int> calls = {SCMP_SYS(execve),
                                           SCMP_SYS(execveat),
                                           SCMP_SYS(ptrace),
                                           SCMP_SYS(process_vm_readv),
                                           SCMP_SYS(process_vm_writev),
                                           SCMP_SYS(vfork),
                                           SCMP_SYS(init_module),
                                           SCMP_SYS(finit_module),
                                           SCMP_SYS(delete_module),
                                           SCMP_SYS(kexec_load),
                                           SCMP_SYS(kexec_file_load),
                                           SCMP_SYS(mount),
                                           SCMP_SYS(umount2),
                                           SCMP_SYS(pivot_root),
                                           SCMP_SYS(chroot),
                                           SCMP_SYS(unshare),
                                           SCMP_SYS(setns),
                                           SCMP_SYS(bpf),
                                           SCMP_SYS(perf_event_open),
                                           SCMP_SYS(iopl),
                                           SCMP_SYS(ioperm),
                                           SCMP_SYS(open_by_handle_at),
                                           SCMP_SYS(userfaultfd),
                                           SCMP_SYS(io_uring_setup),
                                           SCMP_SYS(keyctl),
                                           SCMP_SYS(add_key),
                                           SCMP_SYS(request_key)};
    return calls;
}

}  // namespace

Status confine_start(FilterMode mode) {
    ::tzset();  // reads /etc/localtime, for the time in a line of the system log
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno("Failed to drop privileges: PR_SET_NO_NEW_PRIVS", errno);
    return install_system_call_filter(start_calls(), deadly_calls(), mode);
}

Status confine_service(FilterMode mode, const Needs& needs) {
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return fail_errno("Failed to drop privileges: PR_SET_DUMPABLE", errno);
    if (mode == FilterMode::Enforce)
        if (const Status confined = confine_files(needs.files); !confined) return confined;
    Calls calls = service_calls();
    // For abort(3), and with our own process id: as root it could end others' processes too. musl's abort(3)
    // calls tkill(2), which cannot be limited so and is denied. musl then ends the process by SIGSEGV.
    calls.push_back(AllowedCall::with(SCMP_SYS(tgkill), 0, static_cast<std::uint64_t>(::getpid())));
    // The kernel takes 32 bits of a request. musl's ioctl(2) takes an int: BLKGETDISKSEQ has bit 31 set, and
    // arrives with all those above it.
    constexpr std::uint64_t kRequest = 0xffff'ffff;
    std::vector<unsigned long> requests = needs.ioctls;
    requests.push_back(kPidfdGetInfo);  // the control group of a client
    for (const unsigned long request : requests)
        calls.push_back(AllowedCall::with_bits(SCMP_SYS(ioctl), 1, kRequest, request & kRequest));
    std::vector<int> deadly = deadly_calls();
    deadly.push_back(SCMP_SYS(fork));
    // ppc64le has it beside the calls that its C libraries make, and libseccomp allows both.
    if (kArgumentsVisible) deadly.push_back(SCMP_SYS(socketcall));
    return install_system_call_filter(calls, deadly, mode);
}

}  // namespace prh
