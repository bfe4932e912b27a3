// SPDX-License-Identifier: MIT
#include "os/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace prh {
namespace {

constexpr int kFirstListenFd = 3;  // SD_LISTEN_FDS_START

std::optional<long long> decimal(const char* text) {
    if (text == nullptr) return std::nullopt;
    long long value = 0;
    const char* const end = text + std::strlen(text);
    const auto [stopped, error] = std::from_chars(text, end, value);
    if (error != std::errc{} || stopped != end || stopped == text) return std::nullopt;
    return value;
}

std::optional<long long> take_decimal(const char* name) {
    const auto value = decimal(std::getenv(name));
    ::unsetenv(name);
    return value;
}

}  // namespace

Result<unsigned> take_listen_fds() {
    const std::string text = std::getenv("LISTEN_FDS") != nullptr ? std::getenv("LISTEN_FDS") : "";
    const auto pid = take_decimal("LISTEN_PID");
    const auto count = take_decimal("LISTEN_FDS");
    ::unsetenv("LISTEN_FDNAMES");
    if (pid != ::getpid() || !count) return 0U;
    if (*count < 0 || *count > INT_MAX - kFirstListenFd)
        return fail("Socket activation failed: LISTEN_FDS=" + text + " is no number of file descriptors");
    for (int fd = kFirstListenFd; fd < kFirstListenFd + *count; ++fd) {
        const int flags = ::fcntl(fd, F_GETFD);
        if (flags < 0 || ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC) != 0)
            return fail_errno("Socket activation failed: invalid file descriptor fd = " + std::to_string(fd),
                              errno);
    }
    return static_cast<unsigned>(*count);
}

Result<UniqueFd> activation_socket() {
    UniqueFd socket(kFirstListenFd);
    const auto option = [&](int name) -> std::optional<int> {
        int value = 0;
        socklen_t size = sizeof value;
        if (::getsockopt(socket.get(), SOL_SOCKET, name, &value, &size) != 0) return std::nullopt;
        return value;
    };
    const auto domain = option(SO_DOMAIN);
    if (!domain)
        return fail_errno("Failed to use socket activation: Unable to query remote socket address", errno);
    if (*domain != AF_UNIX || option(SO_TYPE) != SOCK_STREAM)
        return fail("Failed to use socket activation: file descriptor 3 is no unix stream socket");
    if (option(SO_ACCEPTCONN) != 1)
        return fail(
            "Failed to use socket activation: file descriptor 3 does not listen (use Accept=no in the socket "
            "unit)");
    const int flags = ::fcntl(socket.get(), F_GETFL);
    ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK);
    return socket;
}

ServiceManager ServiceManager::from_environment() {
    ServiceManager manager;
    const auto watchdog = take_decimal("WATCHDOG_USEC");
    const auto watchdog_pid = take_decimal("WATCHDOG_PID");
    if (watchdog && *watchdog > 0 && (!watchdog_pid || *watchdog_pid == ::getpid()))
        manager.watchdog_ = std::chrono::microseconds(*watchdog);
    if (const char* address = std::getenv("NOTIFY_SOCKET")) {
        manager.address_ = address;
        ::unsetenv("NOTIFY_SOCKET");
        manager.socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const timeval limit{
            5, 0};  // READY=1 must not get lost in a full queue, and a stuck manager must not hold us
        ::setsockopt(manager.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    return manager;
}

Status ServiceManager::notify(std::string_view state) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!socket_.valid() || address_.size() < 2 || address_.size() > sizeof address.sun_path) return {};
    std::memcpy(address.sun_path, address_.data(), address_.size());
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    if (::sendto(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), size) < 0)
        return fail_errno("Failed to notify the service manager at " + address_ + " (NOTIFY_SOCKET)", errno);
    return {};
}

}  // namespace prh
