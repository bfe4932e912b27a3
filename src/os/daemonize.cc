// SPDX-License-Identifier: MIT
#include "os/daemonize.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace prh {

bool fill_standard_descriptors() {
    const bool has_stderr = ::fcntl(2, F_GETFD) >= 0;
    int lowest_free;  // open(2) takes it
    do lowest_free = ::open("/dev/null", O_RDWR);
    while (lowest_free >= 0 && lowest_free <= 2);
    if (lowest_free > 2) ::close(lowest_free);
    return has_stderr;
}

Result<Background> Background::enter() {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return fail_errno("Failed to daemonize", errno);
    UniqueFd reading(pipe[0]);
    UniqueFd writing(pipe[1]);
    // Where it is ignored, the child's exit code is lost (waitpid(2)).
    const auto disposition = ::signal(SIGCHLD, SIG_DFL);
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("Failed to daemonize", errno);
    if (child == 0 && disposition != SIG_ERR) ::signal(SIGCHLD, disposition);
    if (child > 0) {
        writing.reset();
        char byte;
        ssize_t got;
        do got = ::read(reading.get(), &byte, 1);
        while (got < 0 && errno == EINTR);
        if (got == 1) ::_exit(0);
        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        ::_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
    }
    ::setsid();
    return Background(std::move(writing));
}

Status Background::prepare() {
    if (::chdir("/") != 0) return fail_errno("Failed to daemonize: chdir", errno);
    null_ = UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null_.valid()) return fail_errno("Failed to daemonize: /dev/null", errno);
    return {};
}

Status Background::ready() {
    for (const int standard : {0, 1, 2})
        if (::dup2(null_.get(), standard) < 0) return fail_errno("Failed to daemonize: dup2", errno);
    null_.reset();
    const char byte = 0;
    if (::write(parent_.get(), &byte, 1) != 1) return fail_errno("Failed to daemonize", errno);
    parent_.reset();
    return {};
}

}  // namespace prh
