// SPDX-License-Identifier: MIT
// A connection of somebody who wants the server to serve nobody else.
#pragma once

#include <random>
#include <string>

#include "support/raw_client.h"

namespace prh::test {

enum class Mischief {
    HalfHandshake,
    HalfCommand,
    PayloadWithheld,
    RepliesNeverRead,
    Garbage,
    NoDescriptor,
    ManyDescriptors,   ///< 253, the most that a message can carry (SCM_MAX_FD)
    Vanishing,         ///< gone in the middle of a request
    HangingRequest,    ///< a descriptor whose close never ends, in a request
    HangingRemainder,  ///< the same, in what is left of a connection
};
constexpr int kMischiefs = 10;

class HostileConnection {
  public:
    struct Means {
        std::string socket;
        int disk;     ///< open read-only
        int hanging;  ///< of a HostileFuseFile; < 0: who needs it makes garbage
    };

    HostileConnection(const Means& means, Mischief mischief);

    /// Does what is left to be done on the present connection, closes it, and makes the next one: from here
    /// to the next turn there is one. False if it has no use for a turn: who keeps the server waiting goes on
    /// waiting until the server has closed the connection; what hangs is left to hang.
    bool take_turn();
    bool open() const { return client_.fd() >= 0; }

  private:
    bool waits() const;
    bool closed_by_server() const;
    void begin();
    void end();
    void send(Bytes bytes, const std::vector<int>& descriptors = {}) {
        client_.send_bytes(bytes, descriptors);  // refused: as good as sent
    }

    const Means& means_;
    const Mischief mischief_;
    RawClient client_;
    bool hangs_ = false;
    std::minstd_rand random_{1};
};

}  // namespace prh::test
