// SPDX-License-Identifier: MIT
// The client's side of the socket protocol as bytes, without I/O: what is sent is checked before it is sent,
// and nothing that a helper says is believed before it is checked, because a client may be pointed at any
// socket.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

#include "scsi/cdb.h"
#include "scsi/command_result.h"
#include "wire/protocol.h"

namespace prh {

using HandshakeBytes = std::array<std::uint8_t, kHandshakeSize>;
using RequestBytes = std::array<std::uint8_t, Cdb::kSize>;

std::uint32_t decode_features(std::span<const std::uint8_t, kHandshakeSize> bytes);
HandshakeBytes encode_features(std::uint32_t requested);

/// The sixteen bytes of a request, which the parameter list follows; or nothing if a helper would end the
/// connection over it: an operation code that is not of the protocol, a length over kMaximumDataLength, or a
/// parameter list that is not as long as the CDB says.
std::optional<RequestBytes> encode_request(const Cdb& cdb, std::size_t parameter_list_length);

/// What a helper did that no helper may do. The stream cannot be trusted after it.
enum class ReplyViolation {
    StatusOutOfRange,     ///< a SCSI status has eight bits
    DataWhereNoneBelong,  ///< only PERSISTENT RESERVE IN that ended GOOD has data
    DataTooLong,          ///< more than the allocation length
};
std::string_view describe(ReplyViolation violation);

/// The header of the reply to `cdb`. Sense data are kept only with CHECK CONDITION (SAM-5 5.14): some helpers
/// leave stack contents there otherwise.
tl::expected<CommandResult, ReplyViolation> decode_reply(
    const Cdb& cdb, std::span<const std::uint8_t, kReplyHeaderSize> header);

}  // namespace prh
