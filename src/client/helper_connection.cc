// SPDX-License-Identifier: MIT
#include "client/helper_connection.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>

#include "wire/client_codec.h"

namespace prh::ctl {
namespace {

std::string_view connect_advice(int error) {
    switch (error) {
        case ENOENT: return " (is the helper running? --socket=PATH tells where its socket is)";
        case ECONNREFUSED:
            return " (nobody listens there: the helper has ended, or it is not a socket of one)";
        case EACCES:
        case EPERM: return " (this user may not write to the socket)";
        case EPROTOTYPE: return " (it is not a stream socket, so not a helper's)";
        default: return "";
    }
}

tl::unexpected<Failure> cannot_connect(const std::string& path, int error) {
    return fail(exit_code_of_errno(error), fmt::format("cannot connect to the helper at {}: {}{}", path,
                                                       std::strerror(error), connect_advice(error)));
}

/// connect(2) waits while the backlog of the listener is full, and SO_SNDTIMEO is what bounds that
/// (unix_stream_connect).
void bound_connect(FdRef socket, std::chrono::seconds timeout) {
    const timeval bound{timeout.count(), 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
}

}  // namespace

Expected<HelperConnection> HelperConnection::open(const std::string& socket_path,
                                                  std::chrono::seconds timeout) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.empty() || socket_path.size() > sizeof address.sun_path)
        return fail(ExitCode::SyntaxError,
                    fmt::format("'{}' is no path of a socket: it has {} bytes, and 1 to {} are possible",
                                socket_path, socket_path.size(), sizeof address.sun_path));
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());

    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.valid())
        return fail(exit_code_of_errno(errno), fmt::format("cannot make a socket: {}", std::strerror(errno)));
    bound_connect(socket.ref(), timeout);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == EAGAIN)
            return fail(ExitCode::TimedOut,
                        fmt::format("the helper at {} did not accept the connection within {} s", socket_path,
                                    timeout.count()));
        return cannot_connect(socket_path, errno);
    }
    HelperConnection connection(std::move(socket), socket_path, timeout);
    if (Expected<void> shaken = connection.shake_hands(); !shaken)
        return tl::unexpected<Failure>(shaken.error());
    return connection;
}

HelperConnection::Clock::time_point HelperConnection::deadline() const {
    return timeout_.count() == 0 ? Clock::time_point::max() : Clock::now() + timeout_;
}

pid_t HelperConnection::peer() const {
    ucred peer{};
    socklen_t length = sizeof peer;
    return ::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}

Expected<void> HelperConnection::shake_hands() {
    const Clock::time_point until = deadline();
    HandshakeBytes greeting{};
    switch (receive(greeting, until)) {
        case Received::All: break;
        case Received::EndOfFile:
            return fail(ExitCode::Other,
                        fmt::format("{} closed the connection without a helper's greeting (its log may tell "
                                    "why; or it is another program's socket)",
                                    path_));
        case Received::TimedOut:
            return fail(ExitCode::TimedOut, fmt::format("no greeting from {} within {} s: it hangs, or it is "
                                                        "another program's socket",
                                                        path_, timeout_.count()));
    }
    features_ = decode_features(greeting);
    return send(encode_features(0), FdRef(), until);
}

Expected<Reply> HelperConnection::execute(const Cdb& cdb, FdRef device, ConstBytes parameter_list) {
    const std::optional<RequestBytes> request = encode_request(cdb, parameter_list.size());
    if (!request)
        return fail(ExitCode::SyntaxError,
                    fmt::format("the request is too long: a parameter list of {} bytes, and {} are possible",
                                parameter_list.size(), kMaximumDataLength));
    const Clock::time_point until = deadline();
    // The descriptor travels with the CDB and the list alone: a helper may read the two with different calls.
    if (Expected<void> sent = send(*request, device, until); !sent)
        return tl::unexpected<Failure>(sent.error());
    if (Expected<void> sent = send(parameter_list, FdRef(), until); !sent)
        return tl::unexpected<Failure>(sent.error());

    const auto incomplete = [&](Received how, std::string_view part, std::size_t wanted) {
        if (how == Received::TimedOut)
            return fail(ExitCode::TimedOut,
                        fmt::format("no reply from the helper within {} s; the command may have been carried "
                                    "out, or may yet be (--timeout=SECONDS changes the wait)",
                                    timeout_.count()));
        return fail(
            ExitCode::Other,
            fmt::format("the helper closed the connection after {} of {} bytes of the {} (its log may "
                        "tell why); the command may have been carried out",
                        received_, wanted, part));
    };
    std::array<std::uint8_t, kReplyHeaderSize> header{};
    if (const Received how = receive(header, until); how != Received::All)
        return incomplete(how, "reply", header.size());
    const auto result = decode_reply(cdb, header);
    if (!result)
        return fail(ExitCode::MalformedAnswer, fmt::format("the helper at {} breaks the protocol: it sent {}",
                                                           path_, describe(result.error())));
    Reply reply{*result, std::vector<std::uint8_t>(result->data_length)};
    if (const Received how = receive(reply.data, until); how != Received::All)
        return incomplete(how, "data", reply.data.size());
    return reply;
}

Expected<void> HelperConnection::send(ConstBytes bytes, FdRef descriptor, Clock::time_point deadline) {
    while (!bytes.empty()) {
        iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
        alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        if (descriptor.valid()) {
            const int number = descriptor.get();
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            cmsghdr* const rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(sizeof number);
            std::memcpy(CMSG_DATA(rights), &number, sizeof number);
        }
        const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
            descriptor = FdRef();  // it has gone with the first byte
        } else if (errno == EAGAIN) {
            if (!wait(POLLOUT, deadline))
                return fail(ExitCode::TimedOut,
                            fmt::format("the helper did not take the request within {} s", timeout_.count()));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return fail(ExitCode::Other,
                        "the helper closed the connection before it took the request (its log may tell why)");
        } else if (errno != EINTR) {
            return fail(exit_code_of_errno(errno),
                        fmt::format("cannot send to the helper: {}", std::strerror(errno)));
        }
    }
    return {};
}

HelperConnection::Received HelperConnection::receive(MutableBytes into, Clock::time_point deadline) {
    received_ = 0;
    while (received_ < into.size()) {
        const MutableBytes rest = into.subspan(received_);
        const ssize_t got = ::recv(socket_.get(), rest.data(), rest.size(), MSG_DONTWAIT);
        if (got > 0) {
            received_ += static_cast<std::size_t>(got);
        } else if (got < 0 && errno == EAGAIN) {
            if (!wait(POLLIN, deadline)) return Received::TimedOut;
        } else if (got == 0 || errno != EINTR) {
            return Received::EndOfFile;  // or a reset: the helper closed with our request unread
        }
    }
    return Received::All;
}

bool HelperConnection::wait(short events, Clock::time_point deadline) const {
    while (true) {
        int milliseconds = -1;
        if (deadline != Clock::time_point::max()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
            if (left <= 0) return false;
            milliseconds = static_cast<int>(
                std::min<std::chrono::milliseconds::rep>(left, std::numeric_limits<int>::max()));
        }
        pollfd watched{socket_.get(), events, 0};
        if (::poll(&watched, 1, milliseconds) > 0) return true;
    }
}

}  // namespace prh::ctl
