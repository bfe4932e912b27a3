// SPDX-License-Identifier: MIT
// The record of a multipath map, with the journal of a key swap: a text that is taken is exactly the text
// that would be written.
#include "multipath/map_record.h"

#include <string_view>

#include "fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto record = MapRecord::parse(text)) REQUIRE(MapRecord::parse(record->to_text()) == *record);
    return 0;
}
