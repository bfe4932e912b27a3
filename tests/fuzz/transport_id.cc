// SPDX-License-Identifier: MIT
// TransportIDs as bytes and as text.
#include "scsi/transport_id.h"

#include "fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    if (const auto id = TransportId::parse(ConstBytes(data, size))) {
        REQUIRE(id->size() <= size && id->size() % 4 == 0);
        REQUIRE(TransportId::parse(id->bytes()) == *id);
        id->to_string();
    }
    const std::string text(data, data + size);
    if (const auto id = TransportId::from_string(text)) {
        REQUIRE(TransportId::parse(id->bytes()) == *id);
        // The words leave reserved bytes out, so they need not give the same bytes, but the same words.
        const auto again = TransportId::from_string(id->to_string());
        REQUIRE(again && again->to_string() == id->to_string());
    }
    return 0;
}
