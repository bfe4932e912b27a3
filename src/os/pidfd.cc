// SPDX-License-Identifier: MIT
#include "os/pidfd.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <utility>

#include "os/ioctl_request.h"
#include "os/pidfd_info.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77  // <asm-generic/socket.h> of Linux 6.5
#endif

namespace prh {
namespace {

UniqueFd peer_pidfd(FdRef socket) {
    int pidfd = -1;
    socklen_t size = sizeof pidfd;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) != 0) return UniqueFd();
    return UniqueFd(pidfd);  // close-on-exec, as every pidfd is
}

std::uint64_t inode_of(FdRef pidfd) {
    struct stat status {};
    return ::fstat(pidfd.get(), &status) == 0 ? status.st_ino : 0;
}

std::uint64_t control_group_of(FdRef pidfd) {
    PidfdInfo info{};
    info.mask = kPidfdInfoCgroupId;
    if (::ioctl(pidfd.get(), static_cast<IoctlRequest>(kPidfdGetInfo), &info) != 0) return 0;
    return (info.mask & kPidfdInfoCgroupId) != 0 ? info.cgroup_id : 0;
}

}  // namespace

PidfdSupport pidfd_support() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
    const UniqueFd one(ends[0]), other(ends[1]);
    const UniqueFd self = peer_pidfd(one.ref());
    if (!self.valid()) return {};
    constexpr decltype(statfs::f_type) kPidfs = 0x50494446;  // PID_FS_MAGIC, <linux/magic.h> of Linux 6.9
    struct statfs system {};
    const bool pidfs = ::fstatfs(self.get(), &system) == 0 && system.f_type == kPidfs;
    return {true, pidfs, control_group_of(self.ref()) != 0};
}

PeerProcess peer_process(FdRef socket, const PidfdSupport& support) {
    PeerProcess process;
    process.credentials = peer_credentials(socket);
    if (!support.peers) return process;
    UniqueFd pidfd = peer_pidfd(socket);
    if (!pidfd.valid()) return process;
    if (support.unique_inodes) process.inode = inode_of(pidfd.ref());
    if (support.control_groups) process.control_group = control_group_of(pidfd.ref());
    process.pidfd = std::make_shared<const UniqueFd>(std::move(pidfd));
    return process;
}

bool has_ended(FdRef pidfd) {
    pollfd process{pidfd.get(), POLLIN, 0};  // pidfd_open(2): readable once the process has ended
    return ::poll(&process, 1, 0) != 0;
}

}  // namespace prh
