// SPDX-License-Identifier: MIT
// Parameter lists of PERSISTENT RESERVE OUT: what is taken is written again as it was meant.
#include "scsi/pr_out_parameters.h"

#include "fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    fuzz::Input input(data, size);
    const auto action = static_cast<PrOutAction>(input.byte() % 8);
    const ConstBytes list = input.rest();
    if (action == PrOutAction::RegisterAndMove) {
        if (const auto parsed = RegisterAndMoveParameters::parse(list))
            REQUIRE(RegisterAndMoveParameters::parse(parsed->encode()) == *parsed);
        return 0;
    }
    if (const auto parsed = PrOutParameters::parse(list, action)) {
        REQUIRE(parsed->spec_i_pt || parsed->transport_ids.empty());
        REQUIRE(PrOutParameters::parse(parsed->encode(), action) == *parsed);
    }
    return 0;
}
