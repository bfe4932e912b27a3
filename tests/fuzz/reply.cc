// SPDX-License-Identifier: MIT
// A helper's reply, as a client reads it: no length is believed that was not asked for.
#include <algorithm>

#include "fuzz/fuzz_input.h"
#include "wire/client_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    if (size < Cdb::kSize + kReplyHeaderSize) return 0;
    std::array<std::uint8_t, Cdb::kSize> cdb_bytes;
    std::copy_n(data, cdb_bytes.size(), cdb_bytes.begin());
    const Cdb cdb(cdb_bytes);
    const std::span<const std::uint8_t, kReplyHeaderSize> header(data + Cdb::kSize, kReplyHeaderSize);
    const auto result = decode_reply(cdb, header);
    if (!result) {
        REQUIRE(!describe(result.error()).empty());
        return 0;
    }
    const bool data_allowed = cdb.is_persistent_reserve_in() && result->status == ScsiStatus::Good;
    REQUIRE(result->data_length <= (data_allowed ? cdb.allocation_length() : 0U));
    return 0;
}
