// SPDX-License-Identifier: MIT
// A client of the socket protocol for tests, written from the protocol's description alone: it shares no code
// with what it tests.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace prh::test {

using Bytes = std::vector<std::uint8_t>;

/// A reply exactly as it came: 104 bytes, then `size` more.
struct RawReply {
    std::uint32_t status = 0;
    std::uint32_t size = 0;
    std::array<std::uint8_t, 96> sense{};
    Bytes data;

    /// "02 5/20/00": status and the sense of a CHECK CONDITION.
    std::string brief() const;
    friend bool operator==(const RawReply&, const RawReply&) = default;
};

/// Every wait is bounded: a read that takes longer than `seconds` counts as no answer.
class RawClient {
  public:
    RawClient() = default;
    RawClient(RawClient&&) noexcept;
    RawClient& operator=(RawClient&&) noexcept;
    ~RawClient();
    static RawClient adopt(int connected);  ///< owns it; not connected if < 0

    bool connect(const std::string& path);  ///< the connection alone; false with errno
    bool handshake(std::uint32_t requested_features = 0);
    bool open(const std::string& path) { return connect(path) && handshake(); }

    /// One request: the CDB padded to 16 bytes with `descriptor` attached (none if < 0), then the parameter
    /// list.
    bool send_request(Bytes cdb, int descriptor, const Bytes& parameter_list = {});
    std::optional<RawReply> read_reply();  ///< nothing if the connection ended, or on time-out
    std::optional<RawReply> request(const Bytes& cdb, int descriptor, const Bytes& parameter_list = {});

    bool send_bytes(const Bytes& bytes, const std::vector<int>& descriptors = {});
    std::optional<Bytes> read_bytes(std::size_t count);
    bool closed_by_peer();  ///< waits for the end of the stream (or a reset); false on time-out or if bytes
                            ///< arrive instead

    int fd() const { return fd_; }
    std::uint32_t server_features() const { return server_features_; }
    void set_timeout(int seconds) { timeout_seconds_ = seconds; }
    void close();

  private:
    bool wait_readable();

    int fd_ = -1;
    int timeout_seconds_ = 20;
    std::uint32_t server_features_ = 0;
};

/// CDBs and parameter lists as a guest sends them.
Bytes pr_in(unsigned action, unsigned allocation_length);
Bytes pr_out(unsigned action, unsigned type, unsigned length = 24, unsigned scope = 0);
Bytes key_list(std::uint64_t reservation_key, std::uint64_t service_action_key, unsigned flags = 0);

}  // namespace prh::test
