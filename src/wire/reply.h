// SPDX-License-Identifier: MIT
// The fixed part of a reply: 104 bytes, all of them written every time, so that nothing of another client can
// be in them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "scsi/command_result.h"
#include "wire/protocol.h"

namespace prh {

using ReplyHeaderBytes = std::span<std::uint8_t, kReplyHeaderSize>;

/// QEMU aborts if the data length exceeds its buffer or is not zero where no data belong: result.data_length
/// is what the caller has checked (ReservationDevice::execute).
void encode_reply_header(const CommandResult& result, ReplyHeaderBytes out);

/// The other direction, for clients. The sense data's length is not transmitted: it is told from the sense
/// data.
CommandResult decode_reply_header(std::span<const std::uint8_t, kReplyHeaderSize> bytes);

}  // namespace prh
