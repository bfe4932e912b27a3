// SPDX-License-Identifier: MIT
#include "os/published_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace prh {
namespace {

/// The path fits without its final NUL (unix(7), pathname sockets): 108 bytes.
Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() > sizeof address.sun_path)
        return fail("UNIX socket path '" + path + "' is too long\nPath must be less than " +
                    std::to_string(sizeof address.sun_path) + " bytes");
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Fails if the path is somebody's: another server's, or no socket at all.
Status require_free(const std::string& path) {
    struct stat status;
    if (::lstat(path.c_str(), &status) != 0) return {};
    if (S_ISDIR(status.st_mode)) return fail_errno("Failed to unlink socket " + path, EISDIR);
    if (!S_ISSOCK(status.st_mode))
        return fail("Failed to bind socket to " + path +
                    ": it exists and is no socket; remove it or choose another path");
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto address = address_of(path);
    if (!probe.valid() || !address) return {};
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
        if (errno == ECONNREFUSED || errno == ENOENT) return {};  // its server has gone
        if (errno != EAGAIN) return fail_errno("Failed to bind socket to " + path + ": it is in use", errno);
    }  // EAGAIN: somebody listens, and the backlog is full
    return fail("Failed to bind socket to " + path +
                ": another process is listening there; stop it or choose another path");
}

/// Anybody who may read the directory can hold its lock for ever, so there is an end to the waiting.
void take_turn(FdRef directory) {
    using namespace std::chrono;
    const auto deadline = steady_clock::now() + seconds(2);
    while (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0 && steady_clock::now() < deadline)
        std::this_thread::sleep_for(milliseconds(5));
}

}  // namespace

Result<PublishedSocket> PublishedSocket::publish(const std::string& path, const SocketOwnership& ownership) {
    if (const auto fits = address_of(path); !fits) return tl::unexpected<Error>(fits.error());
    const std::string directory = directory_of(path);

    // Two starts at one time take turns: whoever comes second finds the first one listening. Without a right
    // to read the directory there is no lock, and the probe alone decides.
    const UniqueFd lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock.valid() && errno != EACCES) return fail_errno("Failed to bind socket to " + path, errno);
    if (lock.valid()) take_turn(lock.ref());
    if (const Status free = require_free(path); !free) return tl::unexpected<Error>(free.error());

    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener.valid()) return fail_errno("Failed to create socket", errno);

    // The name that ss(8) shows for good, so it begins with the path. Where it does not fit, the directory
    // goes by its number.
    std::string there = path + "." + std::to_string(::getpid());
    if (there.size() > sizeof(sockaddr_un::sun_path) && lock.valid())
        there = "/proc/self/fd/" + std::to_string(lock.get()) + "/.prh-" + std::to_string(::getpid());
    const auto address = address_of(there);
    if (!address) return tl::unexpected<Error>(address.error());
    ::unlink(there.c_str());
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return fail_errno("Failed to bind socket to " + path, errno);
    const auto give_up = [&](const std::string& what) {
        const int code = errno;
        ::unlink(there.c_str());
        return fail_errno(what, code);
    };
    if (ownership.group && ::chown(there.c_str(), static_cast<uid_t>(-1), *ownership.group) != 0)
        return give_up("Failed to give socket " + path + " to group " + std::to_string(*ownership.group));
    if (ownership.mode && ::chmod(there.c_str(), *ownership.mode) != 0)
        return give_up("Failed to set the mode of socket " + path);
    if (::listen(listener.get(), SOMAXCONN) != 0) return give_up("Failed to listen on socket " + path);
    struct stat status;
    if (::lstat(there.c_str(), &status) != 0 || ::rename(there.c_str(), path.c_str()) != 0)
        return give_up("Failed to bind socket to " + path);
    return PublishedSocket(path, std::move(listener), status.st_dev, status.st_ino);
}

PublishedSocket::PublishedSocket(PublishedSocket&& other) noexcept
    : path_(std::move(other.path_)),
      listener_(std::move(other.listener_)),
      device_(other.device_),
      inode_(other.inode_) {
    other.path_.clear();
}

PublishedSocket::~PublishedSocket() { [[maybe_unused]] const Status removed = withdraw(); }

Status PublishedSocket::remove_path() {
    const std::lock_guard lock(removing_);
    const std::string path = std::exchange(path_, {});
    struct stat status;
    if (!path.empty() && ::lstat(path.c_str(), &status) == 0 && status.st_dev == device_ &&
        status.st_ino == inode_ && ::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail_errno("Failed to unlink socket " + path, errno);
    return {};
}

Status PublishedSocket::withdraw() {
    if (!listener_.valid()) return {};
    ::shutdown(listener_.get(), SHUT_RDWR);
    Status removed = remove_path();
    // Who connected and was not accepted yet must not wait for the end of the process to hear of it. Last,
    // since closing may block: such a client may have sent a descriptor ahead.
    while (UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)).valid()) {
    }
    return removed;
}

}  // namespace prh
