// SPDX-License-Identifier: MIT
#include "server/confinement.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace prh {
namespace {

using Calls = std::vector<AllowedCall>;

// Beside each group, who needs it.
const Calls& service_calls() {
    static const Calls calls = {
        // the ready queue and its sources
        SYS_epoll_wait, SYS_epoll_pwait, SYS_epoll_ctl, SYS_timerfd_settime, SYS_accept4,
        // connections, multipathd, the system log, the service manager; descriptors in flight
        SYS_recvmsg, SYS_recvfrom, SYS_sendmsg, SYS_sendto, SYS_read, SYS_write, SYS_writev, SYS_close,
        SYS_dup2,  // standard streams of the background
        SYS_shutdown, SYS_connect, SYS_poll, SYS_ppoll, SYS_getsockopt,
        AllowedCall::with(SYS_socket, 0, AF_UNIX), AllowedCall::with(SYS_setsockopt, 1, SOL_SOCKET),
        // what a descriptor is, what sysfs says of a disk, the nodes of paths, the record of a map
        SYS_statx, SYS_newfstatat, SYS_fstat, SYS_openat, SYS_getdents64, SYS_lseek, SYS_access,
        SYS_faccessat, SYS_faccessat2, SYS_readlink, SYS_readlinkat, SYS_renameat, SYS_renameat2, SYS_rename,
        SYS_unlink, SYS_unlinkat, SYS_fsync, SYS_fdatasync, SYS_flock, SYS_pread64, SYS_ftruncate,
        AllowedCall::with(SYS_fcntl, 1, F_GETFL), AllowedCall::with(SYS_fcntl, 1, F_SETFL),
        AllowedCall::with(SYS_fcntl, 1, F_GETFD), AllowedCall::with(SYS_fcntl, 1, F_SETFD),
        AllowedCall::with(SYS_fcntl, 1, F_DUPFD_CLOEXEC),
        // threads, and nothing else that clone can make
        AllowedCall::with_bits(SYS_clone, 0, CLONE_THREAD | CLONE_VM | CLONE_NEWUSER,
                               CLONE_THREAD | CLONE_VM),
        SYS_futex, SYS_set_robust_list, SYS_rseq, SYS_exit, SYS_exit_group, SYS_sched_yield,
        // memory, never executable
        SYS_brk, SYS_munmap, SYS_madvise, SYS_mremap, AllowedCall::with_bits(SYS_mmap, 2, PROT_EXEC, 0),
        AllowedCall::with_bits(SYS_mprotect, 2, PROT_EXEC, 0),
        // time and chance
        SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_getrandom,
        // signals come through a descriptor; these are for abort(3) and for what the kernel restarts
        SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_rt_sigreturn, SYS_tgkill, SYS_restart_syscall, SYS_getpid,
        SYS_gettid,
        // whose a file is; they cannot fail, so nobody asks whether they did
        SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid};
    return calls;
}

Calls start_calls() {
    Calls calls = service_calls();
    const Calls more = {
        // the socket, the pid file, the background
        SYS_bind, SYS_listen, SYS_getsockname, SYS_setsockopt, SYS_socketpair, SYS_chmod, SYS_fchmod,
        SYS_fchmodat, SYS_chown, SYS_fchown, SYS_fchownat, SYS_lchown, SYS_umask, SYS_link, SYS_linkat,
        SYS_mkdir, SYS_mkdirat, SYS_flock, SYS_open, SYS_stat, SYS_lstat, SYS_clone, SYS_setsid, SYS_wait4,
        SYS_waitid, SYS_dup, SYS_dup2, SYS_dup3, SYS_pipe, SYS_pipe2, SYS_chdir, SYS_getcwd, SYS_fcntl,
        // signals, the ready queue
        SYS_signalfd4, SYS_eventfd2, SYS_timerfd_create, SYS_epoll_create1,
        // identity and limits, and this file
        SYS_setuid, SYS_setgid, SYS_setgroups, SYS_setresuid, SYS_setresgid, SYS_getuid, SYS_geteuid,
        SYS_getgid, SYS_getegid, SYS_getgroups, SYS_getresuid, SYS_getresgid, SYS_capget, SYS_capset,
        SYS_prctl, SYS_prlimit64, SYS_setrlimit, SYS_getrlimit, SYS_seccomp, SYS_landlock_create_ruleset,
        SYS_landlock_add_rule, SYS_landlock_restrict_self, SYS_uname, SYS_sysinfo, SYS_sched_getaffinity,
        SYS_fstatfs, SYS_statfs, SYS_getppid, SYS_ioctl};
    calls.insert(calls.end(), more.begin(), more.end());
    return calls;
}

// What only an intruder would try.
const std::vector<int>& deadly_calls() {
    static const std::vector<int> calls = {SYS_execve,
                                           SYS_execveat,
                                           SYS_ptrace,
                                           SYS_process_vm_readv,
                                           SYS_process_vm_writev,
                                           SYS_fork,
                                           SYS_vfork,
                                           SYS_init_module,
                                           SYS_finit_module,
                                           SYS_delete_module,
                                           SYS_kexec_load,
                                           SYS_kexec_file_load,
                                           SYS_mount,
                                           SYS_umount2,
                                           SYS_pivot_root,
                                           SYS_chroot,
                                           SYS_unshare,
                                           SYS_setns,
                                           SYS_bpf,
                                           SYS_perf_event_open,
                                           SYS_iopl,
                                           SYS_ioperm,
                                           SYS_open_by_handle_at,
                                           SYS_userfaultfd,
                                           SYS_io_uring_setup,
                                           SYS_keyctl,
                                           SYS_add_key,
                                           SYS_request_key};
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
    for (const unsigned long request : needs.ioctls)
        calls.push_back(AllowedCall::with(SYS_ioctl, 1, request));
    return install_system_call_filter(calls, deadly_calls(), mode);
}

std::size_t service_call_count() {
    std::vector<int> numbers;
    for (const AllowedCall& call : service_calls())
        if (std::find(numbers.begin(), numbers.end(), call.number) == numbers.end())
            numbers.push_back(call.number);
    return numbers.size() + 1;  // ioctl
}

}  // namespace prh
