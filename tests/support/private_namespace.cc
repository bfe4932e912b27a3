// SPDX-License-Identifier: MIT
#include "support/private_namespace.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

namespace prh::test {
namespace {

bool enter(const std::string& system_log, LogPlace place) {
    const dev_t null = makedev(1, 3);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", "/run", "tmpfs", 0, "mode=0755") != 0 ||
        ::mount("tmpfs", "/dev", "tmpfs", 0, "mode=0755") != 0 ||
        ::mknod("/dev/null", S_IFCHR | 0666, null) != 0 || ::chmod("/dev/null", 0666) != 0)
        return false;
    if (system_log.empty()) return true;
    if (place == LogPlace::DevLog) return ::symlink(system_log.c_str(), "/dev/log") == 0;
    return ::mkdir("/run/systemd", 0755) == 0 && ::mkdir("/run/systemd/journal", 0755) == 0 &&
           ::symlink(system_log.c_str(), "/run/systemd/journal/dev-log") == 0;
}

}  // namespace

std::function<void()> in_private_namespace(const std::string& system_log, LogPlace place) {
    return [system_log, place] {
        if (!enter(system_log, place)) ::_exit(kNoNamespace);
    };
}

bool can_have_private_namespace() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(enter({}, LogPlace::DevLog) ? 0 : kNoNamespace);
    int status = -1;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace prh::test
