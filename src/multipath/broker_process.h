// SPDX-License-Identifier: MIT
// The path broker's own process. It opens a block device for its daemon if that is a path of a multipath map
// that the daemon has a client's descriptor of; nothing else, and never for writing. It believes the daemon
// nothing: what a descriptor and a node are it asks the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "os/system_call_filter.h"

namespace prh {

/// What the daemon sends, together with one descriptor: text that ends with a zero byte.
struct BrokerRequest {
    char name[64];    ///< the kernel's, "sda"; a disk's has 32 bytes at most (DISK_NAME_LEN)
    char number[32];  ///< "8:0"
};

/// What comes back: zero and the node, opened; or why there is none.
struct BrokerReply {
    std::int32_t code;  ///< negative: a Refusal; positive: errno of opening the node
};

enum class Refusal : std::int32_t {
    Malformed = -1,   ///< no request, or not with one descriptor
    NotOpen = -2,     ///< the descriptor is O_PATH, or not open for reading
    NoMap = -3,       ///< it is no dm-multipath map
    NoPath = -4,      ///< no disk of that name and number is below the map
    OtherNode = -5,   ///< the node of that name is no block device of that number
    Unconfined = -6,  ///< the process could not give up its rights, and has ended
};

/// Nothing: it is no request.
std::optional<BrokerRequest> parse_broker_request(ConstBytes bytes);

/// Where the broker looks.
struct BrokerPlaces {
    UniqueFd dev;  ///< the directory of the nodes
    std::string sysfs = "/sys";
};

/// A path's node, opened for reading, or why not. `map`: as the daemon has sent it.
struct BrokerOpening {
    BrokerReply reply;
    UniqueFd node;
};
BrokerOpening open_for_daemon(const BrokerPlaces& places, FdRef map, const BrokerRequest& request);

/// Answers until the other end of the socket (SOCK_SEQPACKET) is closed.
void serve_daemon(FdRef socket, const BrokerPlaces& places);

/// Gives up every capability, and every system call and file that serve_daemon() does not need.
Status confine_broker(const BrokerPlaces& places, FilterMode mode);

/// The life of the process, from the fork. Its first reply says whether it serves.
[[noreturn]] void run_broker(UniqueFd socket, BrokerPlaces places, FilterMode mode);

}  // namespace prh
