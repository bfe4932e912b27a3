// SPDX-License-Identifier: MIT
// What a device says in PERSISTENT RESERVE IN and in sense data: never believed further than it goes. What is
// understood as a whole is written again as it was meant.
#include "scsi/pr_in_data.h"

#include <vector>

#include "fuzz/fuzz_input.h"
#include "scsi/names.h"

namespace prh {
namespace {

template <class Data>
void check(ConstBytes bytes) {
    const auto parsed = Data::parse(bytes);
    if (!parsed) return;
    if constexpr (requires { parsed->truncated; })
        if (parsed->truncated) return;
    std::vector<std::uint8_t> written(65'536);
    written.resize(parsed->encode(written));
    REQUIRE(Data::parse(written) == *parsed);
}

}  // namespace
}  // namespace prh

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    fuzz::Input input(data, size);
    const std::uint8_t kind = input.byte() % 5;
    const ConstBytes bytes = input.rest();
    if (bytes.size() > 32'768) return 0;
    if (kind == 0) check<ReadKeysData>(bytes);
    if (kind == 1) check<ReadReservationData>(bytes);
    if (kind == 2) check<ReportCapabilitiesData>(bytes);
    if (kind == 3) check<ReadFullStatusData>(bytes);
    if (kind == 4) {
        const SenseData sense = SenseData::from_device(bytes);
        REQUIRE(sense.length() <= SenseData::kCapacity);
        if (const auto code = sense.code()) to_string(*code);
    }
    return 0;
}
