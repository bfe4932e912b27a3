// SPDX-License-Identifier: MIT
// For what a process can have only once: its environment, its limits, its signal mask, descriptors 0 to 3.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "support/descriptor.h"

namespace prh::test {

constexpr int kLongest = 60;  ///< seconds; whatever blocks for ever dies of SIGALRM then

/// What `work` returns in a child of its own, or how the child died.
inline std::string in_child(const std::function<std::string()>& work) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
    const Descriptor reader(ends[0]);
    // Out of the way of descriptor 3 and its like, which the child may want for itself.
    Descriptor writer(::fcntl(ends[1], F_DUPFD_CLOEXEC, 500));
    ::close(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(kLongest);
        const std::string said = work();
        ::_exit(::write(writer.get(), said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    writer.close();
    std::string said;
    char buffer[4096];
    for (ssize_t got; (got = ::read(reader.get(), buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(got));
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return "no child";
    if (WIFSIGNALED(status)) return "died of signal " + std::to_string(WTERMSIG(status));
    return status == 0 ? said : "ended with " + std::to_string(WEXITSTATUS(status));
}

/// In the child: stderr is a pipe from here on, and this its reading end.
class StderrPipe {
  public:
    StderrPipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return;
        reader_ = Descriptor(ends[0]);
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
        ::dup2(ends[1], 2);
        ::close(ends[1]);
    }
    /// What has come since the last call.
    std::string text() {
        std::string text;
        char buffer[4096];
        for (ssize_t got; (got = ::read(reader_.get(), buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(got));
        return text;
    }
    /// Nothing more fits; returns how many bytes that took.
    std::size_t fill() {
        const int flags = ::fcntl(2, F_GETFL);
        ::fcntl(2, F_SETFL, flags | O_NONBLOCK);
        std::size_t filled = 0;
        while (::write(2, "-", 1) == 1) ++filled;
        ::fcntl(2, F_SETFL, flags);
        return filled;
    }
    void close() { reader_.close(); }

  private:
    Descriptor reader_;
};

}  // namespace prh::test
