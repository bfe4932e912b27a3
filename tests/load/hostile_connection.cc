// SPDX-License-Identifier: MIT
#include "load/hostile_connection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace prh::test {
namespace {

constexpr int kMostDescriptors = 253;
constexpr std::size_t kHalf = 7;

Bytes half(const Bytes& cdb) { return {cdb.begin(), cdb.begin() + kHalf}; }

Mischief possible(Mischief wanted, int hanging) {
    return hangs(wanted) && hanging < 0 ? Mischief::Garbage : wanted;
}

constexpr std::string_view kNames[kMischiefs] = {
    "half-handshake", "half-command",     "payload-withheld", "replies-never-read", "garbage",
    "no-descriptor",  "many-descriptors", "vanishing",        "hanging-request",    "hanging-remainder",
};

}  // namespace

std::string_view name_of(Mischief mischief) { return kNames[static_cast<std::size_t>(mischief)]; }

bool keeps_waiting(Mischief mischief) {
    return mischief == Mischief::HalfHandshake || mischief == Mischief::HalfCommand ||
           mischief == Mischief::PayloadWithheld || mischief == Mischief::RepliesNeverRead;
}

bool hangs(Mischief mischief) {
    return mischief == Mischief::HangingRequest || mischief == Mischief::HangingRemainder;
}

HostileConnection::HostileConnection(const Means& means, Mischief mischief)
    : means_(means), mischief_(possible(mischief, means.hanging)) {}

bool HostileConnection::take_turn() {
    if (hangs_) return false;
    if (keeps_waiting(mischief_) && open() && !closed_by_server()) {
        if (mischief_ == Mischief::RepliesNeverRead) ask_on();
        return false;
    }
    if (open()) end();
    if (client_.connect(means_.socket)) begin();
    return true;
}

bool HostileConnection::closed_by_server() const {
    pollfd connection{client_.fd(), 0, 0};
    return ::poll(&connection, 1, 0) == 1;  // POLLHUP
}

void HostileConnection::begin() {
    const Bytes read_keys = pr_in(0, 8192);
    ::fcntl(client_.fd(), F_SETFL, O_NONBLOCK);
    if (mischief_ == Mischief::HalfHandshake) return void(send(Bytes(2)));
    send(Bytes(4));
    switch (mischief_) {
        case Mischief::HalfCommand: return void(send(half(read_keys), {means_.disk}));
        case Mischief::PayloadWithheld: return void(send(pr_out(0, 0), {means_.disk}));
        case Mischief::RepliesNeverRead: return ask_on();
        case Mischief::Vanishing:
            count(send(half(read_keys), {means_.disk}));
            client_.connect(means_.socket);
            return;
        case Mischief::HangingRequest: hangs_ = true; return count(send(read_keys, {means_.hanging}));
        case Mischief::HangingRemainder:
            hangs_ = true;
            count(send(half(read_keys), {means_.hanging}));
            ::shutdown(client_.fd(), SHUT_WR);
            return;
        default: return;  // an idle client, until its next turn
    }
}

/// Until the server takes no more of them, its side being full of replies: in this turn, or, where the server
/// is slow, in the ones that follow. Our side holds few, since all descriptors on their way count for one
/// user (unix(7), ETOOMANYREFS).
void HostileConnection::ask_on() {
    constexpr int kHeldByUs = 8192, kPatience = 100;  // bytes; milliseconds
    ::setsockopt(client_.fd(), SOL_SOCKET, SO_SNDBUF, &kHeldByUs, sizeof kHeldByUs);
    pollfd taken{client_.fd(), POLLOUT, 0};
    do {
        while (client_.send_request(pr_in(0, 8192), means_.disk)) {
        }
    } while (errno == EAGAIN && ::poll(&taken, 1, kPatience) == 1 && taken.revents == POLLOUT);
}

void HostileConnection::end() {
    const Bytes read_keys = pr_in(0, 8192);
    switch (mischief_) {
        case Mischief::Garbage: {
            Bytes garbage(64);
            for (std::uint8_t& byte : garbage) byte = static_cast<std::uint8_t>(random_());
            return count(send(garbage, {means_.disk}));
        }
        case Mischief::NoDescriptor: return count(send(read_keys));
        case Mischief::ManyDescriptors:
            return count(send(read_keys, std::vector<int>(kMostDescriptors, means_.disk)));
        default: return count(keeps_waiting(mischief_));  // the server has closed it
    }
}

}  // namespace prh::test
