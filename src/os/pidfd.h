// SPDX-License-Identifier: MIT
// The process at the other end of a unix socket, as a process and not as a number: process ids are reused,
// and mean nothing in another pid namespace (pid_namespaces(7)).
#pragma once

#include <cstdint>
#include <memory>

#include "base/unique_fd.h"
#include "os/unix_socket.h"

namespace prh {

/// What the running kernel can tell of a peer.
struct PidfdSupport {
    bool peers = false;           ///< SO_PEERPIDFD (Linux 6.5)
    bool unique_inodes = false;   ///< no two processes since the boot have the same inode (pidfs, Linux 6.9)
    bool control_groups = false;  ///< PIDFD_GET_INFO (Linux 6.13)
};
/// Asks about this process, through a socket pair. Call it before confine_service(), which denies that.
PidfdSupport pidfd_support();

/// The process that connected.
struct PeerProcess {
    PeerCredentials credentials;
    std::uint64_t inode = 0;                ///< the pidfd's, unique since the boot; 0: unknown
    std::uint64_t control_group = 0;        ///< id of its group in version 2's hierarchy; 0: unknown
    std::shared_ptr<const UniqueFd> pidfd;  ///< null: unknown, or the process is gone
};
/// `control_group` is asked for where `support` has it. A process in a pid namespace that ours does not see
/// has an inode and no group: pidfd_info() in fs/pidfs.c answers EREMOTE.
PeerProcess peer_process(FdRef socket, const PidfdSupport& support);

/// It has ended; a zombie has, too.
bool has_ended(FdRef pidfd);

}  // namespace prh
