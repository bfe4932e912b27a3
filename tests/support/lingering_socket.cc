// SPDX-License-Identifier: MIT
#include "support/lingering_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>

namespace prh::test {

LingeringSocket::LingeringSocket() {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sender_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int small = 4096;
    const linger for_long{1, 3600};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    if (::setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small) != 0 ||
        ::setsockopt(sender_.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small) != 0 ||
        ::setsockopt(sender_.get(), SOL_SOCKET, SO_LINGER, &for_long, sizeof for_long) != 0 ||
        ::bind(listener.get(), name, size) != 0 || ::listen(listener.get(), 1) != 0 ||
        ::getsockname(listener.get(), name, &size) != 0 || ::connect(sender_.get(), name, size) != 0)
        throw std::runtime_error("no TCP connection over the loopback interface");
    receiver_ = Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::array<char, 4096> bytes{};
    while (::send(sender_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
}

}  // namespace prh::test
