// SPDX-License-Identifier: MIT
// Device Identification VPD pages (83h) of anything, and names as people write them: what is read has names
// in one spelling, and what is known by a WWID is the logical unit that has it.
#include "scsi/device_identification.h"

#include <algorithm>
#include <string>

#include "fuzz/fuzz_input.h"
#include "scsi/wwid.h"

namespace {

using namespace prh;

void check_names(const DeviceIdentification& unit) {
    REQUIRE(std::is_sorted(unit.logical_unit().begin(), unit.logical_unit().end()));
    REQUIRE(unit.same_logical_unit(unit) != unit.logical_unit().empty());
    const auto names = canonical_wwids(unit);
    REQUIRE(names.size() <= unit.logical_unit().size());
    for (const std::string& name : names) REQUIRE(canonical_wwid(name) == name);
    const auto telling = telling_wwids(names);
    REQUIRE(telling.empty() == names.empty());
    REQUIRE(std::includes(names.begin(), names.end(), telling.begin(), telling.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const ConstBytes written = input.take(input.byte());
    const std::string text(written.begin(), written.end());
    const std::string canonical = canonical_wwid(text);
    REQUIRE(canonical_wwid(canonical) == canonical);

    const ConstBytes first = input.take(input.up_to(1024));
    const auto one = DeviceIdentification::parse(first), other = DeviceIdentification::parse(input.rest());
    if (one) {
        check_names(*one);
        const auto names = canonical_wwids(*one);
        const bool is_among = std::binary_search(names.begin(), names.end(), canonical);
        REQUIRE(!one->is_named(text).value_or(false) || is_among);
    }
    if (one && other) REQUIRE(one->same_logical_unit(*other) == other->same_logical_unit(*one));
    return 0;
}
