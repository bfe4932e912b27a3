// SPDX-License-Identifier: MIT
// The argument of -T.
#include "observe/trace_spec.h"

#include "fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    auto spec = TraceSpec::parse(std::string(data, data + size));
    if (!spec) {
        REQUIRE(!spec.error().message.empty());
        return 0;
    }
    spec->events_file.reset();  // would be read
    Trace trace;
    std::vector<std::string> warnings;
    REQUIRE(apply(*spec, trace, warnings).has_value());
    return 0;
}
