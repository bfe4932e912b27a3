// SPDX-License-Identifier: MIT
#include "support/background_daemon.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cstdlib>
#include <sstream>

#include "support/process.h"

namespace prh::test {

Orphanage::Orphanage() { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

Orphanage::~Orphanage() {
    std::istringstream children(read_file("/proc/thread-self/children"));
    for (pid_t child = 0; children >> child;) ::kill(child, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

BackgroundDaemon::BackgroundDaemon(const std::string& pid_file)
    : pid_(std::atoi(read_file(pid_file).c_str())) {}

std::optional<int> BackgroundDaemon::end(int signal) {
    int status = 0;
    if (pid_ <= 0 || ::kill(pid_, signal) != 0) return std::nullopt;
    if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) return std::nullopt;
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace prh::test
