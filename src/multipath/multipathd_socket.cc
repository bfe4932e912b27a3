// SPDX-License-Identifier: MIT
#include "multipath/multipathd_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <utility>
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

MultipathdSocket::MultipathdSocket(Settings settings)
    // Without an eventfd, whoever asks waits for as long as always.
    : settings_(std::move(settings)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void MultipathdSocket::connect() {
    const Wait wait{settings_.patience, Clock::now() + settings_.patience};
    made_beforehand_ = true;
    for (std::size_t i = 0; i < kConnections; ++i) {
        auto opened = open(wait);
        if (!opened) return;  // ask() tries again
        add_idle({*std::move(opened)});
    }
}

void MultipathdSocket::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    freed_.notify_all();
    ::eventfd_write(stop_.get(), 1);
}

tl::expected<std::string, MultipathdSocket::Trouble> MultipathdSocket::ask(std::string_view command) {
    return ask(command, settings_.patience, true);
}

tl::expected<std::string, MultipathdSocket::Trouble> MultipathdSocket::ask_patiently(
    std::string_view command) {
    return ask(command, settings_.patience_later, false);
}

tl::expected<std::string, MultipathdSocket::Trouble> MultipathdSocket::ask(std::string_view command,
                                                                           Duration patience,
                                                                           bool respects_rest) {
    while (true) {
        auto connection = take({patience, Clock::now() + patience}, respects_rest);
        if (!connection) return tl::unexpected<Trouble>(std::move(connection.error()));
        const bool is_new = connection->is_new;
        // Whoever waited for a connection does not blame multipathd for that time.
        auto reply = exchange(*connection, command, {patience, Clock::now() + patience});
        give_back(*std::move(connection), reply);
        // Old connections break when multipathd is restarted; each is tried once.
        if (reply || is_new || reply.error().failure != Failure::Broken) return reply;
    }
}

/// One that is idle, else a new one, else the first that is given back.
tl::expected<MultipathdSocket::Connection, MultipathdSocket::Trouble> MultipathdSocket::take(
    const Wait& wait, bool respects_rest) {
    std::unique_lock lock(mutex_);
    const auto rests = [&] { return respects_rest && Clock::now() < rests_until_; };
    const bool free = freed_.wait_until(
        lock, wait.deadline, [&] { return stopped_ || rests() || !idle_.empty() || in_use_ < limit(); });
    if (stopped_ || rests()) return silent(wait.patience);
    if (!free)
        return trouble(Failure::Silent,
                       fmt::format("other maps have been asking for {} ms", wait.patience.count()));
    if (!idle_.empty()) {
        Connection connection = std::move(idle_.back());
        idle_.pop_back();
        ++in_use_;
        return connection;
    }
    if (in_use_ == 0) {
        has_path_lists = true;
        has_holding = true;
    }
    ++in_use_;
    lock.unlock();
    auto opened = open(wait);
    if (opened) return Connection{*std::move(opened), {}, 0, true};
    lock.lock();
    --in_use_;
    if (opened.error().failure == Failure::Silent) rests_until_ = Clock::now() + settings_.rest;
    lock.unlock();
    freed_.notify_all();
    return tl::unexpected<Trouble>(std::move(opened.error()));
}

/// Beyond what was made beforehand, a connection would not have the same rights.
std::size_t MultipathdSocket::limit() const {
    return made_beforehand_ ? std::max<std::size_t>(1, idle_.size() + in_use_) : kConnections;
}

void MultipathdSocket::give_back(Connection connection, const tl::expected<std::string, Trouble>& reply) {
    const bool is_late = !reply && reply.error().failure == Failure::Silent;
    connection.is_new = false;
    {
        const std::lock_guard lock(mutex_);
        --in_use_;
        if (is_late) rests_until_ = Clock::now() + settings_.rest;
        // The answer that did not come may still come, and would be taken for the answer to the next
        // question.
        if (reply)
            idle_.push_back(std::move(connection));
        else if (is_late && made_beforehand_)
            idle_.insert(idle_.begin(), std::move(connection));
    }
    freed_.notify_all();
}

void MultipathdSocket::add_idle(Connection connection) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
}

Dependency MultipathdSocket::look() {
    const auto in_state = [](std::string_view state, std::string problem = {}) {
        return Dependency{"multipathd", std::string(state), std::move(problem)};
    };
    std::vector<Connection> ended;
    const auto now = Clock::now();
    {
        const std::lock_guard lock(mutex_);
        if (now < rests_until_) return in_state("silent", silent(settings_.patience).value().text);
        const auto end = std::stable_partition(idle_.begin(), idle_.end(), [](const Connection& one) {
            return one.late > 0 || is_idle(one.descriptor.ref());
        });
        std::move(end, idle_.end(), std::back_inserter(ended));
        idle_.erase(end, idle_.end());
        if (!idle_.empty()) return in_state("connected");
        if (in_use_ > 0) return in_state("asked");
        has_path_lists = true;
        has_holding = true;
    }
    auto opened = open({settings_.patience, now});
    if (opened) {
        add_idle({*std::move(opened)});
        return in_state("connected");
    }
    if (opened.error().failure == Failure::Silent) return in_state("silent", "it does not take connections");
    return in_state("unreachable", opened.error().text);
}

tl::expected<UniqueFd, MultipathdSocket::Trouble> MultipathdSocket::open(const Wait& wait) const {
    if (!settings_.address.empty()) return open(settings_.address, wait);
    auto by_path = open(kPath, wait);
    if (by_path || by_path.error().failure == Failure::Silent) return by_path;
    auto by_name = open(kAbstract, wait);
    if (by_name || by_name.error().failure == Failure::Silent) return by_name;
    return trouble(Failure::Absent, by_path.error().text + ", " + by_name.error().text);
}

tl::expected<UniqueFd, MultipathdSocket::Trouble> MultipathdSocket::open(std::string_view address,
                                                                         const Wait& wait) const {
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
        // Its backlog is full, and poll(2) does not wait for that.
        pollfd stopped{stop_.get(), POLLIN, 0};
        if (Clock::now() >= wait.deadline || ::poll(&stopped, 1, 5) > 0) return silent(wait.patience);
    }
    if (settings_.address.empty() && !is_roots(connection.ref()))
        return absent("it is not root who listens there");
    return connection;
}

tl::expected<std::string, MultipathdSocket::Trouble> MultipathdSocket::exchange(Connection& connection,
                                                                                std::string_view command,
                                                                                const Wait& wait) const {
    if (auto sent = send(connection, command, wait); !sent) return tl::unexpected<Trouble>(sent.error());
    for (++connection.late;;) {
        auto reply = receive(connection, wait);
        if (!reply || --connection.late == 0) return reply;
    }
}

MultipathdSocket::Status MultipathdSocket::send(Connection& connection, std::string_view command,
                                                const Wait& wait) const {
    const auto frame = multipathd_frame(command);
    if (!frame) return trouble(Failure::Broken, "the command is too long");
    while (true) {
        const ssize_t count = ::send(connection.descriptor.get(), frame->data(), frame->size(), MSG_NOSIGNAL);
        if (count == static_cast<ssize_t>(frame->size())) return {};
        if (count >= 0) return broken(EMSGSIZE);  // a unix socket takes so little whole, or not at all
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return broken(errno);
        if (auto ready = wait_for(connection.descriptor.ref(), POLLOUT, wait); !ready) return ready;
    }
}

/// The next reply, which may have come in part already.
tl::expected<std::string, MultipathdSocket::Trouble> MultipathdSocket::receive(Connection& connection,
                                                                               const Wait& wait) const {
    std::string& received = connection.received;
    while (true) {
        std::size_t wanted = kMultipathdLength;
        if (received.size() >= kMultipathdLength) {
            const auto length = multipathd_reply_length(
                {reinterpret_cast<const std::uint8_t*>(received.data()), kMultipathdLength});
            if (!length) return trouble(Failure::Broken, "it does not speak multipathd's protocol");
            wanted += *length;
        }
        if (received.size() == wanted && wanted > kMultipathdLength)
            return std::exchange(received, {}).substr(kMultipathdLength);
        const std::size_t before = received.size();
        received.resize(wanted);
        const ssize_t got = ::recv(connection.descriptor.get(), received.data() + before, wanted - before, 0);
        const int code = errno;
        received.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got > 0 || (got < 0 && code == EINTR)) continue;
        if (got == 0) return broken(0);
        if (code != EAGAIN) return broken(code);
        if (auto ready = wait_for(connection.descriptor.ref(), POLLIN, wait); !ready)
            return tl::unexpected<Trouble>(ready.error());
    }
}

MultipathdSocket::Status MultipathdSocket::wait_for(FdRef connection, short events, const Wait& wait) const {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(wait.deadline - Clock::now());
        if (left.count() <= 0) return silent(wait.patience);
        std::array<pollfd, 2> entries{{{connection.get(), events, 0}, {stop_.get(), POLLIN, 0}}};
        const int ready = ::poll(entries.data(), entries.size(), static_cast<int>(left.count()));
        if (ready > 0 && entries[1].revents != 0) return silent(wait.patience);
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return broken(errno);
    }
}

tl::unexpected<MultipathdSocket::Trouble> MultipathdSocket::silent(std::chrono::milliseconds patience) const {
    return trouble(Failure::Silent,
                   fmt::format("no answer within {} ms; it is not asked for the next {} s", patience.count(),
                               std::chrono::duration_cast<std::chrono::seconds>(settings_.rest).count()));
}

}  // namespace prh
