// SPDX-License-Identifier: MIT
// Descriptors as types: UniqueFd owns and closes one, FdRef borrows one. A plain int stands only on the line
// that calls the kernel.
#pragma once

#include <utility>

namespace prh {

/// A borrowed descriptor; whoever owns it outlives this.
class FdRef {
  public:
    constexpr FdRef() = default;
    constexpr explicit FdRef(int fd) : fd_(fd) {}
    constexpr int get() const { return fd_; }
    constexpr bool valid() const { return fd_ >= 0; }
    friend constexpr bool operator==(FdRef, FdRef) = default;

  private:
    int fd_ = -1;
};

/// The owner of a descriptor; closes it when it ends. Closing a client's descriptor may block (a FUSE file
/// answers flush when it likes), so only the worker that owns the request may let one end.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }
    FdRef ref() const { return FdRef(fd_); }
    int release() { return std::exchange(fd_, -1); }
    void reset();  ///< close now; errno is preserved

  private:
    int fd_ = -1;
};

}  // namespace prh
