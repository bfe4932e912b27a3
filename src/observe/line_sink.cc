// SPDX-License-Identifier: MIT
#include "observe/line_sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace prh {

bool write_line(FdRef to, std::string_view line) {
    pollfd writable{to.get(), POLLOUT, 0};
    if (::poll(&writable, 1, 0) != 1 || (writable.revents & POLLOUT) == 0) return false;
    ssize_t written;
    do written = ::write(to.get(), line.data(), line.size());
    while (written < 0 && errno == EINTR);
    return written == static_cast<ssize_t>(line.size());
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
    if (errno == EAGAIN) return false;
    return connect() && send();  // the log daemon was restarted
}

}  // namespace prh
