// SPDX-License-Identifier: MIT
#include "load/hostile_connection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace prh::test {
namespace {

constexpr int kMostDescriptors = 253;
constexpr int kUnreadReplies = 400;  // more than the socket between us holds
constexpr std::size_t kHalf = 7;

Bytes half(const Bytes& cdb) { return {cdb.begin(), cdb.begin() + kHalf}; }

Mischief possible(Mischief wanted, int hanging) {
    const bool hangs = wanted == Mischief::HangingRequest || wanted == Mischief::HangingRemainder;
    return hangs && hanging < 0 ? Mischief::Garbage : wanted;
}

}  // namespace

HostileConnection::HostileConnection(const Means& means, Mischief mischief)
    : means_(means), mischief_(possible(mischief, means.hanging)) {}

bool HostileConnection::take_turn() {
    if (hangs_ || (waits() && open() && !closed_by_server())) return false;
    if (open()) end();
    if (client_.connect(means_.socket)) begin();
    return true;
}

/// It keeps the server waiting, until that loses its patience.
bool HostileConnection::waits() const {
    return mischief_ == Mischief::HalfHandshake || mischief_ == Mischief::HalfCommand ||
           mischief_ == Mischief::PayloadWithheld || mischief_ == Mischief::RepliesNeverRead;
}

bool HostileConnection::closed_by_server() const {
    pollfd connection{client_.fd(), 0, 0};
    return ::poll(&connection, 1, 0) == 1;  // POLLHUP
}

void HostileConnection::begin() {
    const Bytes read_keys = pr_in(0, 8192);
    ::fcntl(client_.fd(), F_SETFL, O_NONBLOCK);
    if (mischief_ == Mischief::HalfHandshake) return send(Bytes(2));
    send(Bytes(4));
    switch (mischief_) {
        case Mischief::HalfCommand: return send(half(read_keys), {means_.disk});
        case Mischief::PayloadWithheld: return send(pr_out(0, 0), {means_.disk});
        case Mischief::RepliesNeverRead:
            for (int i = 0; i < kUnreadReplies; ++i)
                if (!client_.send_request(read_keys, means_.disk)) return;
            return;
        case Mischief::Vanishing:
            send(half(read_keys), {means_.disk});
            client_.connect(means_.socket);
            return;
        case Mischief::HangingRequest: hangs_ = true; return send(read_keys, {means_.hanging});
        case Mischief::HangingRemainder:
            hangs_ = true;
            send(half(read_keys), {means_.hanging});
            ::shutdown(client_.fd(), SHUT_WR);
            return;
        default: return;  // an idle client, until its next turn
    }
}

void HostileConnection::end() {
    const Bytes read_keys = pr_in(0, 8192);
    switch (mischief_) {
        case Mischief::Garbage: {
            Bytes garbage(64);
            for (std::uint8_t& byte : garbage) byte = static_cast<std::uint8_t>(random_());
            return send(garbage, {means_.disk});
        }
        case Mischief::NoDescriptor: return send(read_keys);
        case Mischief::ManyDescriptors:
            return send(read_keys, std::vector<int>(kMostDescriptors, means_.disk));
        default: return;
    }
}

}  // namespace prh::test
