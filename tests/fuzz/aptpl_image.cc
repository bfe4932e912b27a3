// SPDX-License-Identifier: MIT
// The file that registrations outlive the emulator in: as it comes, and with a checksum that fits, so that
// what lies behind the checksum is reached too.
#include "emul/aptpl_image.h"

#include <vector>

#include "fuzz/fuzz_input.h"

namespace prh {
namespace {

std::uint32_t crc32c(ConstBytes bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0x82F63B78U & (0U - (crc & 1U)));
    }
    return ~crc;
}

void check(ConstBytes image) {
    const LogicalUnitIdentity identity{8, 1, 42, 7, 9};
    const auto state = decode_aptpl_image(identity, image);
    if (!state) return;
    const auto again = encode_aptpl_image(identity, *state);
    REQUIRE(std::equal(again.begin(), again.end(), image.begin(), image.end()));
}

}  // namespace
}  // namespace prh

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prh;
    check(ConstBytes(data, size));
    if (size < 60 || size > 4096) return 0;
    std::vector<std::uint8_t> image(data, data + size);
    store_be(&image[12], static_cast<std::uint32_t>(size));
    store_be(&image[size - 4], crc32c(ConstBytes(image).first(size - 4)));
    check(image);
    return 0;
}
