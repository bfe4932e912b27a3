// SPDX-License-Identifier: MIT
#include "multipath/multipathd_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <thread>
#include <vector>

#include "multipath/multipathd_protocol.h"

namespace prh {
namespace {

/// Since 0.12 a path; before that, and beside it, a name in the network namespace.
constexpr std::string_view kPath = "/run/multipathd.socket";
constexpr std::string_view kAbstract = "@/org/kernel/linux/storage/multipathd";

tl::unexpected<MultipathdSocket::Trouble> trouble(MultipathdSocket::Failure failure, std::string text) {
    return tl::unexpected<MultipathdSocket::Trouble>({failure, std::move(text)});
}

tl::unexpected<MultipathdSocket::Trouble> broken(int code) {
    return trouble(MultipathdSocket::Failure::Broken,
                   code == 0 ? "it closed the connection" : std::string(std::strerror(code)));
}

/// Anybody may listen at an abstract name that is free, and would be told keys and believed.
bool is_roots(FdRef connection) {
    ucred peer{};
    socklen_t length = sizeof peer;
    return ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == 0;
}

/// Between two questions there is nothing to read but the end of the connection.
bool is_idle(FdRef connection) {
    pollfd entry{connection.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 0;
}

}  // namespace

void MultipathdSocket::connect() {
    const std::lock_guard lock(mutex_);
    if (!connection_.valid())
        static_cast<void>(open(Clock::now() + settings_.patience));  // ask() tries again
}

tl::expected<std::string, MultipathdSocket::Trouble> MultipathdSocket::ask(std::string_view command) {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (now < rests_until_) return silent();
    const auto deadline = now + settings_.patience;
    for (bool again = connection_.valid();; again = false) {
        Status opened = connection_.valid() ? Status{} : open(deadline);
        auto reply =
            opened ? exchange(command, deadline) : tl::unexpected<Trouble>(std::move(opened.error()));
        if (reply) return reply;
        // The answer that did not come may still come, and would be taken for that to the next question.
        connection_.reset();
        if (reply.error().failure == Failure::Silent) rests_until_ = Clock::now() + settings_.rest;
        // An old connection breaks when multipathd is restarted.
        if (!again || reply.error().failure != Failure::Broken) return reply;
    }
}

Dependency MultipathdSocket::look() {
    const auto in_state = [](std::string_view state, std::string problem = {}) {
        return Dependency{"multipathd", std::string(state), std::move(problem)};
    };
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return in_state("asked");
    const auto now = Clock::now();
    if (now < rests_until_) return in_state("silent", silent().value().text);
    if (connection_.valid() && !is_idle(connection_.ref())) connection_.reset();
    if (connection_.valid()) return in_state("connected");
    const Status opened = open(now);
    if (opened) return in_state("connected");
    if (opened.error().failure == Failure::Silent) return in_state("silent", "it does not take connections");
    return in_state("unreachable", opened.error().text);
}

MultipathdSocket::Status MultipathdSocket::open(Clock::time_point deadline) {
    has_path_lists = true;
    has_holding = true;
    if (!settings_.address.empty()) return open(settings_.address, deadline);
    const Status by_path = open(kPath, deadline);
    if (by_path || by_path.error().failure == Failure::Silent) return by_path;
    const Status by_name = open(kAbstract, deadline);
    if (by_name || by_name.error().failure == Failure::Silent) return by_name;
    return trouble(Failure::Absent, by_path.error().text + ", " + by_name.error().text);
}

MultipathdSocket::Status MultipathdSocket::open(std::string_view address, Clock::time_point deadline) {
    const auto absent = [&](std::string_view why) {
        return trouble(Failure::Absent, fmt::format("{}: {}", address, why));
    };
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (address.size() >= sizeof name.sun_path) return absent(std::strerror(ENAMETOOLONG));
    std::copy(address.begin(), address.end(), name.sun_path);
    const bool is_abstract = name.sun_path[0] == '@';
    if (is_abstract) name.sun_path[0] = '\0';
    // The length of an abstract name is all that ends it; a path ends with its NUL.
    const auto length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (is_abstract ? 0 : 1));

    UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!connection.valid()) return absent(std::strerror(errno));
    while (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return absent(std::strerror(errno));
        if (Clock::now() >= deadline)
            return silent();  // its backlog is full, and poll(2) does not wait for that
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (settings_.address.empty() && !is_roots(connection.ref()))
        return absent("it is not root who listens there");
    connection_ = std::move(connection);
    return {};
}

tl::expected<std::string, MultipathdSocket::Trouble> MultipathdSocket::exchange(std::string_view command,
                                                                                Clock::time_point deadline) {
    if (auto sent = send(command, deadline); !sent) return tl::unexpected<Trouble>(sent.error());
    std::array<std::uint8_t, kMultipathdLength> prefix;
    if (auto got = receive(prefix.data(), prefix.size(), deadline); !got)
        return tl::unexpected<Trouble>(got.error());
    const auto length = multipathd_reply_length(prefix);
    if (!length) return trouble(Failure::Broken, "it does not speak multipathd's protocol");
    std::string reply(*length, '\0');
    if (auto got = receive(reply.data(), reply.size(), deadline); !got)
        return tl::unexpected<Trouble>(got.error());
    return reply;
}

MultipathdSocket::Status MultipathdSocket::send(std::string_view command, Clock::time_point deadline) {
    const auto frame = multipathd_frame(command);
    if (!frame) return trouble(Failure::Broken, "the command is too long");
    while (true) {
        const ssize_t count = ::send(connection_.get(), frame->data(), frame->size(), MSG_NOSIGNAL);
        if (count == static_cast<ssize_t>(frame->size())) return {};
        if (count >= 0) return broken(EMSGSIZE);  // a unix socket takes so little whole, or not at all
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return broken(errno);
        if (auto ready = wait_for(POLLOUT, deadline); !ready) return ready;
    }
}

MultipathdSocket::Status MultipathdSocket::receive(void* bytes, std::size_t count,
                                                   Clock::time_point deadline) {
    auto* to = static_cast<char*>(bytes);
    while (count > 0) {
        const ssize_t got = ::recv(connection_.get(), to, count, 0);
        if (got == 0) return broken(0);
        if (got > 0) {
            to += got;
            count -= static_cast<std::size_t>(got);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return broken(errno);
        if (auto ready = wait_for(POLLIN, deadline); !ready) return ready;
    }
    return {};
}

MultipathdSocket::Status MultipathdSocket::wait_for(short events, Clock::time_point deadline) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) return silent();
        pollfd entry{connection_.get(), events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return broken(errno);
    }
}

tl::unexpected<MultipathdSocket::Trouble> MultipathdSocket::silent() const {
    return trouble(
        Failure::Silent,
        fmt::format("no answer within {} ms; it is not asked for the next {} s", settings_.patience.count(),
                    std::chrono::duration_cast<std::chrono::seconds>(settings_.rest).count()));
}

}  // namespace prh
