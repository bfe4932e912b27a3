// SPDX-License-Identifier: MIT
#include "compat/reply_pattern.h"

#include <algorithm>

namespace prh::test {
namespace {
constexpr std::size_t kSynthesisedLength = 18;
}

bool host_status_is_known(std::uint16_t host_status) {
    constexpr std::uint16_t kKnown[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
                                        0x08, 0x0E, 0x10, 0x11, 0x12, 0x13};
    return std::find(std::begin(kKnown), std::end(kKnown), host_status) != std::end(kKnown);
}

bool is_synthesised(const ReplyOutcome& outcome, std::uint8_t key, std::uint8_t asc, std::uint8_t ascq) {
    RawReply expected;
    expected.status = 0x02;
    expected.sense[0] = 0x70;
    expected.sense[2] = key;
    expected.sense[7] = 0x0A;
    expected.sense[12] = asc;
    expected.sense[13] = ascq;
    return outcome.reply == expected;
}

bool sense_is_zero(const ReplyOutcome& outcome, std::size_t from) {
    if (!outcome.reply) return false;
    const auto& sense = outcome.reply->sense;
    return std::all_of(sense.begin() + static_cast<std::ptrdiff_t>(from), sense.end(),
                       [](std::uint8_t byte) { return byte == 0; });
}

bool same_with_zero_tail(const ReplyOutcome& existing, const ReplyOutcome& ours) {
    if (!existing.reply || !ours.reply || existing.reply->status != ours.reply->status ||
        existing.reply->size != ours.reply->size || existing.reply->data != ours.reply->data)
        return false;
    if (sense_is_zero(ours, 0)) return true;
    return sense_is_zero(ours, kSynthesisedLength) &&
           std::equal(ours.reply->sense.begin(), ours.reply->sense.begin() + kSynthesisedLength,
                      existing.reply->sense.begin());
}

}  // namespace prh::test
