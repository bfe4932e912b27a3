// SPDX-License-Identifier: MIT
// What comes from multipathd's socket.
#include <string_view>

#include "fuzz/fuzz_input.h"
#include "multipath/multipathd_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    if (size >= kMultipathdLength)
        if (const auto length = multipathd_reply_length(ConstBytes(data, kMultipathdLength)))
            REQUIRE(*length > 0 && *length <= kMultipathdLongestReply);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    multipathd_answer(text);
    multipathd_tells_state(text);
    const MultipathdKey key = multipathd_key(text);
    if (key.key) REQUIRE(key.answer == MultipathdAnswer::Ok);
    if (const auto frame = multipathd_frame(text))
        REQUIRE(frame->size() <= kMultipathdLength + kMultipathdLongestCommand);
    return 0;
}
