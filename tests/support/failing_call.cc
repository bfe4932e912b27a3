// SPDX-License-Identifier: MIT
#include "support/failing_call.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <thread>
#include <vector>

namespace prh::test {
namespace {

/// Of the calling thread, for ever. The descriptor that its calls are told to; -1: there is none.
int supervise_this_thread() {
    const std::vector<unsigned> calls{
#ifdef __NR_open
        __NR_open,
#endif
        __NR_openat, __NR_getdents64, __NR_read, __NR_pread64, __NR_ioctl};
    std::vector<sock_filter> program{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const unsigned call : calls) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
        program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return static_cast<int>(
        ::syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
}

}  // namespace

bool FailingCall::run(const std::function<void()>& work) {
    std::promise<int> installed;
    std::thread worker([&] {
        const int listener = supervise_this_thread();
        installed.set_value(listener);
        if (listener >= 0) work();
    });
    const int listener = installed.get_future().get();
    if (listener >= 0) supervise(listener);
    worker.join();
    return listener >= 0;
}

/// Until no thread is left whose calls are told here.
void FailingCall::supervise(int listener) {
    for (;;) {
        pollfd told{listener, POLLIN, 0};
        if (::poll(&told, 1, -1) < 0) continue;
        if ((told.revents & POLLIN) == 0) break;
        seccomp_notif call{};
        if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;  // its thread is gone
        seccomp_notif_resp answer{};
        answer.id = call.id;
        if (counts_ && calls_++ == number_) {
            failed_ = true;
            answer.error = -error_;
        } else {
            answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        }
        ::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    ::close(listener);
}

}  // namespace prh::test
