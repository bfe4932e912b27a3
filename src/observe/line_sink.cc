// SPDX-License-Identifier: MIT
#include "observe/line_sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace prh {

bool write_line(FdRef to, std::string_view line) {
    while (!line.empty()) {
        pollfd writable{to.get(), POLLOUT, 0};
        if (::poll(&writable, 1, 0) != 1 || (writable.revents & POLLOUT) == 0) return false;
        // A pipe that is ready takes PIPE_BUF bytes; for more it may make us wait (pipe(7)).
        const ssize_t written = ::write(to.get(), line.data(), std::min<std::size_t>(line.size(), PIPE_BUF));
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) line.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

SystemLog::SystemLog(std::string program) : program_(std::move(program)) { connect(); }

bool SystemLog::connect() {
    // The second is what the first usually points to; it is there too where /dev is a private one (libvirt's
    // namespaces).
    for (const char* path : {"/dev/log", "/run/systemd/journal/dev-log"}) {
        UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket.valid()) return false;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path);
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
            socket_ = std::move(socket);
            return true;
        }
    }
    return false;
}

bool SystemLog::write(std::string_view text) {
    constexpr int kDaemonNotice = 3 << 3 | 5;
    const std::string datagram = fmt::format("<{}>{}[{}]: {}", kDaemonNotice, program_, ::getpid(), text);
    const auto send = [&] {
        return ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
    };
    if (socket_.valid() && send()) return true;
    if (socket_.valid() && errno == EAGAIN) return false;
    return connect() && send();  // the log daemon was restarted
}

}  // namespace prh
