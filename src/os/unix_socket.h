// SPDX-License-Identifier: MIT
// Connected unix stream sockets: bytes and descriptors in, bytes out, and who is at the other end. Nothing
// here blocks.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace prh {

struct PeerCredentials {
    pid_t pid = 0;
    uid_t uid = static_cast<uid_t>(-1);
    gid_t gid = static_cast<gid_t>(-1);
};
/// As of the connection's beginning (SO_PEERCRED, unix(7)).
PeerCredentials peer_credentials(FdRef socket);

/// The peer's group and its supplementary ones, as of the connection's beginning (SO_PEERGROUPS).
std::vector<gid_t> peer_groups(FdRef socket, const PeerCredentials& credentials);

/// The next client of a listening socket; invalid, with errno, if there is none. Nonblocking.
UniqueFd accept_client(FdRef listener);

/// From here on nothing but descriptors comes beside the bytes of this socket. Zero, or errno: then a
/// request's descriptor may not arrive.
int take_descriptors_only(FdRef socket);

/// The peer has closed the connection wholly: nobody would read a reply.
bool hung_up(FdRef socket);

struct Received {
    std::size_t bytes = 0;
    int error = 0;             ///< errno; EAGAIN where nothing is there
    bool end_of_file = false;  ///< the peer has closed its side, and everything it sent is read
    /// Room for two: one is what a request has, the second proves that there were more. The kernel discards
    /// the others.
    std::array<UniqueFd, 2> descriptors;
    std::size_t descriptor_count = 0;
    /// One descriptor at least was sent beside these and could not be installed here (EMFILE): that it is not
    /// here is not the client's fault.
    bool descriptor_lost = false;

    std::span<UniqueFd> taken() { return std::span(descriptors).first(descriptor_count); }
};

/// Descriptors arrive close-on-exec and are owned at once. Without `with_descriptors` the kernel discards
/// what was attached.
Received receive(FdRef socket, MutableBytes buffer, bool with_descriptors);

struct Sent {
    std::size_t bytes = 0;
    int error = 0;  ///< errno; EAGAIN where nothing more fits
};
Sent send(FdRef socket, ConstBytes bytes);
/// With a descriptor beside them, where it is valid; a message of SOCK_SEQPACKET is sent whole or not at all.
Sent send(FdRef socket, ConstBytes bytes, FdRef descriptor);

}  // namespace prh
