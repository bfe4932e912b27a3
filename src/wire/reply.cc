// SPDX-License-Identifier: MIT
#include "wire/reply.h"

#include <algorithm>

namespace prh {
namespace {
constexpr std::size_t kSenseOffset = 8;
static_assert(kSenseOffset + SenseData::kCapacity == kReplyHeaderSize);
}  // namespace

void encode_reply_header(const CommandResult& result, ReplyHeaderBytes out) {
    store_be(out.data(), static_cast<std::uint32_t>(result.status));
    store_be(out.data() + 4, result.data_length);
    std::copy(result.sense.padded().begin(), result.sense.padded().end(), out.begin() + kSenseOffset);
}

CommandResult decode_reply_header(std::span<const std::uint8_t, kReplyHeaderSize> bytes) {
    CommandResult result;
    result.status = static_cast<ScsiStatus>(load_be<std::uint32_t>(bytes.data()) & 0xFF);
    result.data_length = load_be<std::uint32_t>(bytes.data() + 4);
    const ConstBytes sense = bytes.subspan<kSenseOffset>();
    if (sense[0] != 0)  // ADDITIONAL SENSE LENGTH is byte 7 in both formats (SPC-4 4.5)
        result.sense =
            SenseData::from_device(sense.first(std::min<std::size_t>(8U + sense[7], sense.size())));
    return result;
}

}  // namespace prh
