// SPDX-License-Identifier: MIT
// The socket protocol's numbers (doc/protocol.md): a unix stream, every integer big-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prh {

constexpr std::size_t kHandshakeSize = 4;         ///< the server's features, then the client's
constexpr std::size_t kReplyHeaderSize = 104;     ///< int32 status, int32 data length, 96 bytes of sense data
constexpr std::size_t kMaximumDataLength = 8192;  ///< Data-In of one reply, parameter list of one request

/// Feature bit 0: operation code FFh (clean-up after a live migration) is understood.
constexpr std::uint32_t kFeatureCleanup = 1;
constexpr std::uint32_t kServerFeatures = kFeatureCleanup;

}  // namespace prh
