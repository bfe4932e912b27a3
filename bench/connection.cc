// SPDX-License-Identifier: MIT
#include "connection.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace prh::bench {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

int connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error("socket path is too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    const int saved = errno;
    ::close(fd);
    errno = saved;
    fail("connect");
}

}  // namespace

Connection::Connection(const std::string& path) : fd_(connect_to(path)) {
    std::uint8_t features[4] = {};
    if (::recv(fd_, features, sizeof features, MSG_WAITALL) != sizeof features) fail("handshake");
    std::memset(features, 0, sizeof features);  // QEMU asks for none
    if (::send(fd_, features, sizeof features, MSG_NOSIGNAL) != sizeof features) fail("handshake");
}

Connection::Connection(Connection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), received_(other.received_), reply_(other.reply_) {}

Connection::~Connection() {
    if (fd_ >= 0) ::close(fd_);
}

void Connection::send_request(int device) const {
    static constexpr std::uint8_t kReadKeys[16] = {0x5E, 0, 0, 0, 0, 0, 0, 0, 24};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    iovec part{const_cast<std::uint8_t*>(kReadKeys), sizeof kReadKeys};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &device, sizeof device);
    if (::sendmsg(fd_, &message, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof kReadKeys)) fail("sendmsg");
}

void Connection::receive_reply() {
    while (!receive_some()) {
    }
}

bool Connection::receive_some() {
    const ssize_t got = ::recv(fd_, reply_.data() + received_, reply_.size() - received_, 0);
    if (got < 0) fail("recv");
    if (got == 0) throw std::runtime_error("the helper closed the connection");
    received_ += static_cast<std::size_t>(got);
    if (received_ < reply_.size()) return false;
    received_ = 0;
    check_reply();
    return true;
}

void Connection::check_reply() const {
    const std::uint8_t* const sense = reply_.data() + 8;
    const bool size_is_zero = (reply_[4] | reply_[5] | reply_[6] | reply_[7]) == 0;
    if (reply_[3] != 0x02 || !size_is_zero || (sense[2] & 0xF) != 5 || sense[12] != 0x24)
        throw std::runtime_error("the reply is not 02 05/24/00: SG_IO was not reached");
}

}  // namespace prh::bench
