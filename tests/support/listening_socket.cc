// SPDX-License-Identifier: MIT
#include "support/listening_socket.h"

#include <sys/un.h>

#include <cstring>
#include <stdexcept>

namespace prh::test {

Descriptor bound_socket(const std::string& path, int type) {
    Descriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() > sizeof address.sun_path) throw std::runtime_error("path too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("bind to " + path);
    return socket;
}

Descriptor listening_socket(const std::string& path, int backlog) {
    Descriptor socket = bound_socket(path);
    if (::listen(socket.get(), backlog) != 0) throw std::runtime_error("listen on " + path);
    return socket;
}

ProcessOptions activated_by(const Descriptor& descriptor) {
    ProcessOptions options;
    options.descriptors = {{descriptor.get(), 3}};
    options.environment = {{"LISTEN_FDS", "1"}, {"LISTEN_PID", "$PID"}};
    return options;
}

}  // namespace prh::test
