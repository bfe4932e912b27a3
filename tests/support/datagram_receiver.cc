// SPDX-License-Identifier: MIT
#include "support/datagram_receiver.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include "support/process.h"

namespace prh::test {

DatagramReceiver::DatagramReceiver(const std::string& address)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (address.size() >= sizeof name.sun_path) throw std::runtime_error("address too long");
    std::memcpy(name.sun_path, address.data(), address.size());
    if (address[0] == '@') name.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0)
        throw std::runtime_error("bind to " + address);
    if (address[0] != '@') ::chmod(address.c_str(), 0777);
}

const std::vector<std::string>& DatagramReceiver::messages() {
    char buffer[8192];
    for (ssize_t got; (got = ::recv(socket_.get(), buffer, sizeof buffer, 0)) >= 0;)
        messages_.emplace_back(buffer, static_cast<std::size_t>(got));
    return messages_;
}

std::size_t DatagramReceiver::count(const std::string& text) {
    messages();
    return static_cast<std::size_t>(
        std::count_if(messages_.begin(), messages_.end(),
                      [&](const std::string& message) { return message.find(text) != std::string::npos; }));
}

bool DatagramReceiver::receives(const std::string& text, int seconds) {
    return eventually([&] { return count(text) > 0; }, seconds);
}

}  // namespace prh::test
