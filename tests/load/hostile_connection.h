// SPDX-License-Identifier: MIT
// A connection of somebody who wants the server to serve nobody else.
#pragma once

#include <random>
#include <string>
#include <string_view>

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
std::string_view name_of(Mischief mischief);  ///< for reports: "half-command"
/// Until the server loses its patience.
bool keeps_waiting(Mischief mischief);
bool hangs(Mischief mischief);

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
    /// How often the mischief was done: everything sent that makes it one; of who keeps the server waiting,
    /// the connections that the server closed for it.
    long done() const { return done_; }

  private:
    bool closed_by_server() const;
    void begin();
    void ask_on();
    void end();
    bool send(const Bytes& bytes, const std::vector<int>& descriptors = {}) {
        return client_.send_bytes(bytes, descriptors);
    }
    void count(bool sent) { done_ += sent ? 1 : 0; }

    const Means& means_;
    const Mischief mischief_;
    RawClient client_;
    bool hangs_ = false;
    long done_ = 0;
    std::minstd_rand random_{1};
};

}  // namespace prh::test
