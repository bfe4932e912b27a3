// SPDX-License-Identifier: MIT
// A listening unix socket at a path. The path appears only when connecting to it succeeds, is never taken
// from a server that is alive, and is removed at the end if it is still ours.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace prh {

struct SocketOwnership {
    std::optional<mode_t> mode;  ///< permission bits; unset: 0777 & ~umask, as bind(2) leaves it
    std::optional<gid_t> group;
};

class PublishedSocket {
  public:
    /// Binds under a temporary name beside `path`, listens, and renames: nobody can see a socket that does
    /// not listen yet. A socket file whose server has gone is replaced. Errors: somebody is listening there;
    /// something else than a socket is there; the directory is missing; the path does not fit sockaddr_un.
    static Result<PublishedSocket> publish(const std::string& path, const SocketOwnership& ownership);

    PublishedSocket(PublishedSocket&& other) noexcept;
    PublishedSocket& operator=(PublishedSocket&&) = delete;
    ~PublishedSocket();

    FdRef listener() const { return listener_.ref(); }
    /// The path is removed unless it names another file by now; it is gone when this returns, whichever of
    /// several threads removed it. Does not wait for a client; withdraw() may.
    Status remove_path();
    /// Connecting fails from now on, and the path is removed. The descriptor stays open: another thread may
    /// be accepting the last ones that got in.
    Status withdraw();

  private:
    PublishedSocket(std::string path, UniqueFd listener, dev_t device, ino_t inode)
        : path_(std::move(path)), listener_(std::move(listener)), device_(device), inode_(inode) {}

    std::mutex removing_;
    std::string path_;  ///< empty once it was removed
    UniqueFd listener_;
    dev_t device_;
    ino_t inode_;
};

}  // namespace prh
