// SPDX-License-Identifier: MIT
// The floor: the least that anyone can do for a request on this kernel. A thread for every connection, and in
// it nothing but recvmsg, SG_IO, close and send. No checks, no limits, no end: not a helper, a yardstick.
#include <fcntl.h>
#include <pthread.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

constexpr std::size_t kCdbSize = 16;
constexpr std::size_t kReplySize = 104;
constexpr std::size_t kStackSize = 64 << 10;  // thousands of threads: not eight megabytes of addresses each

/// What SG_IO says of a loop device is EINVAL, and EINVAL is 02 05/24/00 in both helpers.
void store_invalid_field_in_cdb(std::uint8_t* reply) {
    reply[3] = 0x02;
    reply[8] = 0x70;
    reply[8 + 2] = 0x05;
    reply[8 + 7] = 0x0A;
    reply[8 + 12] = 0x24;
}

bool receive_request(int connection, std::uint8_t* cdb, int& descriptor) {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    iovec part{cdb, kCdbSize};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(connection, &message, MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(kCdbSize)) return false;
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header == nullptr) return false;
    std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return true;
}

void execute(int descriptor, std::uint8_t* cdb) {
    static thread_local std::uint8_t data[8192];
    static thread_local std::uint8_t sense[96];
    sg_io_hdr request{};
    request.interface_id = 'S';
    request.dxfer_direction = SG_DXFER_FROM_DEV;
    request.cmd_len = 10;
    request.cmdp = cdb;
    request.dxferp = data;
    request.dxfer_len = static_cast<unsigned>(cdb[7]) << 8 | cdb[8];
    request.sbp = sense;
    request.mx_sb_len = sizeof sense;
    request.timeout = 30'000;
    ::ioctl(descriptor, SG_IO, &request);
}

void* serve(void* argument) {
    const int connection = static_cast<int>(reinterpret_cast<std::intptr_t>(argument));
    std::uint8_t handshake[4] = {};
    std::uint8_t cdb[kCdbSize];
    std::uint8_t reply[kReplySize] = {};
    store_invalid_field_in_cdb(reply);
    int descriptor = -1;
    bool open = ::send(connection, handshake, sizeof handshake, MSG_NOSIGNAL) == sizeof handshake &&
                ::recv(connection, handshake, sizeof handshake, MSG_WAITALL) == sizeof handshake;
    while (open && receive_request(connection, cdb, descriptor)) {
        execute(descriptor, cdb);
        ::close(descriptor);
        open = ::send(connection, reply, sizeof reply, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof reply);
    }
    ::close(connection);
    return nullptr;
}

int listen_on(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(listener, 128) == 0)
        return listener;
    std::perror("floor_server");
    return -1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::strcmp(argv[1], "-k") != 0) {
        std::fprintf(stderr, "Usage: floor_server -k PATH\n");
        return 1;
    }
    const int listener = listen_on(argv[2]);
    if (listener < 0) return 1;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, kStackSize);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    for (;;) {
        const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        pthread_t thread;
        if (pthread_create(&thread, &small, serve, reinterpret_cast<void*>(std::intptr_t{connection})) != 0)
            ::close(connection);
    }
}
