// SPDX-License-Identifier: MIT
#include "wire/client_codec.h"

#include "wire/reply.h"

namespace prh {

std::uint32_t decode_features(std::span<const std::uint8_t, kHandshakeSize> bytes) {
    return load_be<std::uint32_t>(bytes.data());
}

HandshakeBytes encode_features(std::uint32_t requested) {
    HandshakeBytes bytes{};
    store_be(bytes.data(), requested);
    return bytes;
}

std::optional<RequestBytes> encode_request(const Cdb& cdb, std::size_t parameter_list_length) {
    std::size_t expected = 0;
    if (cdb.is_persistent_reserve_out()) {
        expected = cdb.parameter_list_length();
        if (expected > kMaximumDataLength) return std::nullopt;
    } else if (cdb.is_persistent_reserve_in()) {
        if (cdb.allocation_length() > kMaximumDataLength) return std::nullopt;
    } else if (!cdb.is_clean_up()) {
        return std::nullopt;
    }
    if (parameter_list_length != expected) return std::nullopt;
    return cdb.bytes();
}

std::string_view describe(ReplyViolation violation) {
    switch (violation) {
        case ReplyViolation::StatusOutOfRange: return "a status that is not a SCSI status";
        case ReplyViolation::DataWhereNoneBelong: return "data where none belong";
        case ReplyViolation::DataTooLong: return "more data than the request allowed";
    }
    return "?";
}

tl::expected<CommandResult, ReplyViolation> decode_reply(
    const Cdb& cdb, std::span<const std::uint8_t, kReplyHeaderSize> header) {
    if (load_be<std::uint32_t>(header.data()) > 0xFF)
        return tl::unexpected<ReplyViolation>(ReplyViolation::StatusOutOfRange);
    CommandResult result = decode_reply_header(header);
    if (result.data_length > 0) {
        if (!cdb.is_persistent_reserve_in() || result.status != ScsiStatus::Good)
            return tl::unexpected<ReplyViolation>(ReplyViolation::DataWhereNoneBelong);
        if (result.data_length > cdb.allocation_length())
            return tl::unexpected<ReplyViolation>(ReplyViolation::DataTooLong);
    }
    if (result.status != ScsiStatus::CheckCondition) result.sense = SenseData();
    return result;
}

}  // namespace prh
