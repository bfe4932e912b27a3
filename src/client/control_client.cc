// SPDX-License-Identifier: MIT
#include "client/control_client.h"

#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace prh::ctl {
namespace {

using Clock = std::chrono::steady_clock;

/// 256 devices and some hundred thousand connections. More is another program's socket.
constexpr std::size_t kMaximumLine = std::size_t{64} << 20;

/// "root:kvm, mode 0660": who may ask.
std::string owner_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    const passwd* const user = ::getpwuid(status.st_uid);
    const group* const owners = ::getgrgid(status.st_gid);
    return fmt::format("{}:{}, mode {:04o}", user != nullptr ? user->pw_name : std::to_string(status.st_uid),
                       owners != nullptr ? owners->gr_name : std::to_string(status.st_gid),
                       status.st_mode & 07777U);
}

std::string connect_advice(const std::string& path, int error) {
    switch (error) {
        case ENOENT:
            return " (start the helper with --control=PATH, and name that path here with --control=PATH)";
        case ECONNREFUSED:
            return " (nobody listens there: the helper has ended, or it is not a control socket)";
        case EPROTOTYPE: return " (it is not a stream socket, so not a helper's control socket)";
        case EACCES:
        case EPERM: {
            const std::string owner = owner_of(path);
            if (owner.empty()) return " (this user may not enter its directory)";
            return fmt::format(" (this user may not write to it; it belongs to {})", owner);
        }
        default: return "";
    }
}

bool wait(FdRef socket, FdRef interruption, short events, Clock::time_point deadline) {
    while (true) {
        int milliseconds = -1;
        if (deadline != Clock::time_point::max()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
            if (left <= 0) return false;
            milliseconds = static_cast<int>(
                std::min<std::chrono::milliseconds::rep>(left, std::numeric_limits<int>::max()));
        }
        std::array<pollfd, 2> watched{{{socket.get(), events, 0}, {interruption.get(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), milliseconds) > 0) return true;
    }
}

bool readable(FdRef descriptor) {
    pollfd watched{descriptor.get(), POLLIN, 0};
    return descriptor.valid() && ::poll(&watched, 1, 0) > 0;
}

tl::unexpected<Failure> timed_out(const std::string& path, std::chrono::seconds timeout) {
    return fail(ExitCode::TimedOut,
                fmt::format("no answer from the control socket {} within {} s: the helper "
                            "hangs, or it is another program's socket",
                            path, timeout.count()));
}

}  // namespace

Expected<ControlClient> ControlClient::ask(const std::string& path, std::string_view request,
                                           std::chrono::seconds timeout) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() > sizeof address.sun_path)
        return fail(ExitCode::SyntaxError,
                    fmt::format("'{}' is no path of a socket: it has {} bytes, and 1 to {} are possible",
                                path, path.size(), sizeof address.sun_path));
    std::memcpy(address.sun_path, path.data(), path.size());

    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.valid())
        return fail(exit_code_of_errno(errno), fmt::format("cannot make a socket: {}", std::strerror(errno)));
    // connect(2) waits while the backlog of the listener is full, and SO_SNDTIMEO is what bounds that.
    const timeval bound{timeout.count(), 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == EAGAIN) return timed_out(path, timeout);
        const int error = errno;
        return fail(exit_code_of_errno(error),
                    fmt::format("cannot connect to the helper's control socket {}: {}{}", path,
                                std::strerror(error), connect_advice(path, error)));
    }
    // A line is shorter than any socket's buffer: it is taken whole, or the other side has gone.
    const std::string line = std::string(request) + "\n";
    if (::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return fail(ExitCode::Other, fmt::format("the helper at {} closed the connection before it was asked "
                                                 "(its log may tell why)",
                                                 path));
    return ControlClient(std::move(socket), path);
}

Expected<ControlClient::Line> ControlClient::next_line(FdRef interruption,
                                                       std::chrono::milliseconds timeout) {
    const Clock::time_point deadline =
        timeout.count() == 0 ? Clock::time_point::max() : Clock::now() + timeout;
    while (true) {
        if (const std::size_t end = buffer_.find('\n', searched_); end != std::string::npos) {
            Line line{buffer_.substr(0, end), End::Closed};
            buffer_.erase(0, end + 1);
            searched_ = 0;
            return line;
        }
        searched_ = buffer_.size();
        if (buffer_.size() > kMaximumLine)
            return fail(ExitCode::MalformedAnswer,
                        fmt::format("{} sent {} bytes without an end of a line: it is no helper's control "
                                    "socket",
                                    path_, buffer_.size()));
        if (readable(interruption)) return Line{std::nullopt, End::Interrupted};
        std::array<char, 65536> bytes;
        const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got > 0) {
            buffer_.append(bytes.data(), static_cast<std::size_t>(got));
        } else if (got < 0 && errno == EAGAIN) {
            if (!wait(socket_.ref(), interruption, POLLIN, deadline))
                return Line{std::nullopt, End::TimedOut};
        } else if (got == 0 || errno != EINTR) {
            if (buffer_.empty()) return Line{std::nullopt, End::Closed};
            return fail(
                ExitCode::MalformedAnswer,
                fmt::format("the answer of {} is cut after {} bytes: the helper has ended, or it is no "
                            "helper's control socket",
                            path_, buffer_.size()));
        }
    }
}

pid_t ControlClient::peer() const {
    ucred peer{};
    socklen_t length = sizeof peer;
    return ::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}

Expected<StateAnswer> ask_state(const std::string& path, std::chrono::seconds timeout) {
    Expected<ControlClient> client = ControlClient::ask(path, "state", timeout);
    if (!client) return tl::unexpected<Failure>(client.error());
    Expected<ControlClient::Line> line = client->next_line(FdRef(), timeout);
    if (!line) return tl::unexpected<Failure>(line.error());
    if (line->text) return StateAnswer{std::move(*line->text), client->peer()};
    if (line->end == ControlClient::End::TimedOut) return timed_out(path, timeout);
    return fail(ExitCode::Other,
                fmt::format("{} closed the connection without an answer (the helper's log may "
                            "tell why; or it is another program's socket)",
                            path));
}

Expected<std::string> read_state(const std::string& path, std::chrono::seconds timeout) {
    return ask_state(path, timeout).map([](StateAnswer&& answer) { return std::move(answer.line); });
}

}  // namespace prh::ctl
