// SPDX-License-Identifier: MIT
// One client of a helper, as light as a client can be: it must never be what is measured.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace prh::bench {

/// Failures are exceptions (std::runtime_error): a measurement with a failed request is none.
class Connection {
  public:
    /// Connects and does the handshake.
    explicit Connection(const std::string& path);
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&&) = delete;
    ~Connection();

    int fd() const { return fd_; }

    /// PERSISTENT RESERVE IN, READ KEYS, 24 bytes, on `device`.
    void send_request(int device) const;
    /// Waits for the whole reply; throws unless it is 02 05/24/00, which proves that SG_IO was reached: it is
    /// the EINVAL of a device that knows no SG_IO, and of no earlier check.
    void receive_reply();
    /// Takes what is there; true when the reply is whole.
    bool receive_some();

  private:
    void check_reply() const;

    static constexpr std::size_t kReplySize = 104;

    int fd_ = -1;
    std::size_t received_ = 0;
    std::array<std::uint8_t, kReplySize> reply_{};
};

}  // namespace prh::bench
