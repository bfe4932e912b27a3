// SPDX-License-Identifier: MIT
#include "os/unix_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76  // <asm-generic/socket.h> of Linux 6.5
#endif

namespace prh {

namespace {

// musl's macro compares a difference of pointers with a size.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
cmsghdr* next_of(msghdr& message, cmsghdr* header) { return CMSG_NXTHDR(&message, header); }
#pragma GCC diagnostic pop

constexpr int kSendFlags = MSG_DONTWAIT | MSG_NOSIGNAL;

template <class Call>
Sent sent_by(Call call) {
    Sent sent;
    ssize_t written;
    do written = call();
    while (written < 0 && errno == EINTR);
    if (written < 0)
        sent.error = errno;
    else
        sent.bytes = static_cast<std::size_t>(written);
    return sent;
}

}  // namespace

PeerCredentials peer_credentials(FdRef socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    PeerCredentials peer;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0)
        peer = {credentials.pid, credentials.uid, credentials.gid};
    return peer;
}

std::vector<gid_t> peer_groups(FdRef socket, const PeerCredentials& credentials) {
    std::vector<gid_t> groups(32);
    for (;;) {
        socklen_t size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        const bool taken = ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0;
        if (!taken && errno != ERANGE) size = 0;
        groups.resize(size / sizeof(gid_t));  // as many as there are, or as there must be room for
        if (taken || size == 0) break;
    }
    groups.push_back(credentials.gid);
    return groups;
}

UniqueFd accept_client(FdRef listener) {
    return UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

int take_descriptors_only(FdRef socket) {
    // Inherited from a listener that systemd made with PassCredentials= or its like, they would take the room
    // of a request's descriptor; and nobody would close the one that comes with each message for PassPIDFD=.
    for (const int option : {SO_PASSCRED, SO_PASSSEC, SO_PASSPIDFD}) {
        const int off = 0;
        if (::setsockopt(socket.get(), SOL_SOCKET, option, &off, sizeof off) == 0) continue;
        const int error = errno;
        // A kernel that lacks an option refuses both calls.
        int value = 0;
        socklen_t size = sizeof value;
        if (::getsockopt(socket.get(), SOL_SOCKET, option, &value, &size) == 0 && value != 0) return error;
    }
    return 0;
}

bool hung_up(FdRef socket) {
    pollfd connection{socket.get(), 0, 0};
    return ::poll(&connection, 1, 0) == 1 && (connection.revents & (POLLHUP | POLLERR)) != 0;
}

Received receive(FdRef socket, MutableBytes buffer, bool with_descriptors) {
    Received received;
    iovec part{buffer.data(), buffer.size()};
    alignas(cmsghdr)
        std::uint8_t control[CMSG_SPACE(sizeof(int) * std::tuple_size_v<decltype(received.descriptors)>)];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (with_descriptors) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
    }
    ssize_t got;
    do got = ::recvmsg(socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        received.error = errno;
        return received;
    }
    received.bytes = static_cast<std::size_t>(got);
    if (!with_descriptors) {
        received.end_of_file = got == 0;
        return received;
    }
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = next_of(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count && received.descriptor_count < received.descriptors.size(); ++i) {
            int fd;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            received.descriptors[received.descriptor_count++] = UniqueFd(fd);
        }
    }
    // scm_detach_fds() in net/core/scm.c: fewer were installed than sent. Two are more than a request has
    // anyway.
    received.descriptor_lost =
        (message.msg_flags & MSG_CTRUNC) != 0 && received.descriptor_count < received.descriptors.size();
    received.end_of_file = got == 0;
    return received;
}

Sent send(FdRef socket, ConstBytes bytes) {
    return sent_by([&] { return ::send(socket.get(), bytes.data(), bytes.size(), kSendFlags); });
}

Sent send(FdRef socket, ConstBytes bytes, FdRef descriptor) {
    iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};  // sendmsg(2) only reads
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof(int))] = {};
    if (descriptor.valid()) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        const int fd = descriptor.get();
        std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sent_by([&] { return ::sendmsg(socket.get(), &message, kSendFlags); });
}

}  // namespace prh
