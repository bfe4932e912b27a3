// SPDX-License-Identifier: MIT
#include "support/raw_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace prh::test {
namespace {

std::uint32_t big_endian(const std::uint8_t* bytes) {
    return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
           static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

}  // namespace

std::string RawReply::brief() const {
    char text[64];
    if (status == 2)
        std::snprintf(text, sizeof text, "02 %x/%02x/%02x", sense[2] & 0xFU, sense[12], sense[13]);
    else
        std::snprintf(text, sizeof text, "%02x", status);
    return text;
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      timeout_seconds_(other.timeout_seconds_),
      server_features_(other.server_features_) {}

RawClient& RawClient::operator=(RawClient&& other) noexcept {
    if (this == &other) return *this;
    close();
    fd_ = std::exchange(other.fd_, -1);
    timeout_seconds_ = other.timeout_seconds_;
    server_features_ = other.server_features_;
    return *this;
}

RawClient::~RawClient() { close(); }

void RawClient::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

RawClient RawClient::adopt(int connected) {
    RawClient client;
    client.fd_ = connected;
    return client;
}

bool RawClient::connect(const std::string& path) {
    close();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() > sizeof address.sun_path) return errno = ENAMETOOLONG, false;
    std::memcpy(address.sun_path, path.data(), path.size());
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return false;
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
    const int saved = errno;
    close();
    errno = saved;
    return false;
}

bool RawClient::handshake(std::uint32_t requested) {
    const auto features = read_bytes(4);
    if (!features) return false;
    server_features_ = big_endian(features->data());
    return send_bytes({static_cast<std::uint8_t>(requested >> 24), static_cast<std::uint8_t>(requested >> 16),
                       static_cast<std::uint8_t>(requested >> 8), static_cast<std::uint8_t>(requested)});
}

bool RawClient::send_bytes(const Bytes& bytes, const std::vector<int>& descriptors) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        iovec part{const_cast<std::uint8_t*>(bytes.data()) + done, bytes.size() - done};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        std::vector<std::uint8_t> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
        if (!descriptors.empty() && done == 0) {
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            cmsghdr* const header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
            std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
        }
        const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        done += static_cast<std::size_t>(sent);
    }
    return true;
}

bool RawClient::send_request(Bytes cdb, int descriptor, const Bytes& parameter_list) {
    cdb.resize(16);
    return send_bytes(cdb, descriptor < 0 ? std::vector<int>{} : std::vector<int>{descriptor}) &&
           send_bytes(parameter_list);
}

std::optional<RawReply> RawClient::request(const Bytes& cdb, int descriptor, const Bytes& parameter_list) {
    if (!send_request(cdb, descriptor, parameter_list)) return std::nullopt;
    return read_reply();
}

bool RawClient::wait_readable() {
    pollfd ready{fd_, POLLIN, 0};
    int found;
    do found = ::poll(&ready, 1, timeout_seconds_ * 1000);
    while (found < 0 && errno == EINTR);
    return found == 1;
}

std::optional<Bytes> RawClient::read_bytes(std::size_t count) {
    Bytes bytes(count);
    std::size_t done = 0;
    while (done < count) {
        if (!wait_readable()) return std::nullopt;
        const ssize_t got = ::read(fd_, bytes.data() + done, count - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::optional<RawReply> RawClient::read_reply() {
    const auto header = read_bytes(104);
    if (!header) return std::nullopt;
    RawReply reply;
    reply.status = big_endian(header->data());
    reply.size = big_endian(header->data() + 4);
    std::memcpy(reply.sense.data(), header->data() + 8, reply.sense.size());
    if (reply.size > 0) {
        auto data = read_bytes(reply.size);
        if (!data) return std::nullopt;
        reply.data = std::move(*data);
    }
    return reply;
}

bool RawClient::closed_by_peer() {
    std::uint8_t byte;
    if (!wait_readable()) return false;
    const ssize_t got = ::read(fd_, &byte, 1);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

Bytes pr_in(unsigned action, unsigned allocation_length) {
    Bytes cdb(16);
    cdb[0] = 0x5E;
    cdb[1] = static_cast<std::uint8_t>(action);
    cdb[7] = static_cast<std::uint8_t>(allocation_length >> 8);
    cdb[8] = static_cast<std::uint8_t>(allocation_length);
    return cdb;
}

Bytes pr_out(unsigned action, unsigned type, unsigned length, unsigned scope) {
    Bytes cdb(16);
    cdb[0] = 0x5F;
    cdb[1] = static_cast<std::uint8_t>(action);
    cdb[2] = static_cast<std::uint8_t>(scope << 4 | type);
    for (unsigned i = 0; i < 4; ++i) cdb[5 + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
    return cdb;
}

Bytes key_list(std::uint64_t reservation_key, std::uint64_t service_action_key, unsigned flags) {
    Bytes list(24);
    for (unsigned i = 0; i < 8; ++i) {
        list[i] = static_cast<std::uint8_t>(reservation_key >> (56 - 8 * i));
        list[8 + i] = static_cast<std::uint8_t>(service_action_key >> (56 - 8 * i));
    }
    list[20] = static_cast<std::uint8_t>(flags);
    return list;
}

}  // namespace prh::test
