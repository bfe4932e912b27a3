// SPDX-License-Identifier: MIT
#include "support/like_process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/child_process.h"
#include "support/descriptor.h"
#include "support/process.h"

namespace prh::test {
namespace {

struct Ids {
    uid_t user;
    gid_t group;

    static Ids of(pid_t pid) {
        auto status = thread_statuses(pid).at(0);
        return {static_cast<uid_t>(std::stoul(status["Uid"])), static_cast<gid_t>(std::stoul(status["Gid"]))};
    }
    bool become() const {
        return ::setgroups(0, nullptr) == 0 && ::setresgid(group, group, group) == 0 &&
               ::setresuid(user, user, user) == 0;
    }
};

bool drop_what_ignores_permissions() {
    constexpr unsigned kIgnoring = 1U << CAP_SYS_PTRACE | 1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2]{};
    if (::syscall(SYS_capget, &header, sets) != 0) return false;
    sets[0].permitted &= ~kIgnoring;
    for (auto& set : sets) set.effective = set.permitted;
    return ::syscall(SYS_capset, &header, sets) == 0;
}

}  // namespace

std::string memory_opened_by_its_like(pid_t pid) {
    const Ids ids = Ids::of(pid);
    const std::string memory = "/proc/" + std::to_string(pid) + "/mem";
    return in_child([&]() -> std::string {
        ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
        if (!ids.become() || !drop_what_ignores_permissions()) return "not its like";
        const Descriptor opened(::open(memory.c_str(), O_RDONLY | O_CLOEXEC));
        return opened.get() >= 0 ? "done" : std::strerror(errno);
    });
}

std::function<void()> becoming_like(pid_t pid) {
    return [ids = Ids::of(pid)] {
        for (unsigned long each = 0; each <= CAP_LAST_CAP; ++each)
            if (each != CAP_SYS_RAWIO) ::prctl(PR_CAPBSET_DROP, each);
        if (!ids.become()) ::_exit(1);
    };
}

}  // namespace prh::test
