// SPDX-License-Identifier: MIT
#include "multipath_io/identification_page.h"

namespace prh::test {

Page descriptor(unsigned association, unsigned type, unsigned code_set, const Page& designator) {
    Page bytes{static_cast<std::uint8_t>(code_set), static_cast<std::uint8_t>(association << 4 | type), 0,
               static_cast<std::uint8_t>(designator.size())};
    bytes.insert(bytes.end(), designator.begin(), designator.end());
    return bytes;
}

Page naa(std::uint64_t number) {
    Page bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(number >> shift));
    return descriptor(0, 3, 1, bytes);
}

Page text(unsigned type, const std::string& value) {
    return descriptor(0, type, type == 8 ? 3 : 2, Page(value.begin(), value.end()));
}

Page relative_target_port(std::uint16_t port) {
    return descriptor(1, 4, 1, {0, 0, static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port)});
}

Page identification_page(const std::vector<Page>& descriptors) {
    Page page{0, 0x83, 0, 0};
    for (const Page& one : descriptors) page.insert(page.end(), one.begin(), one.end());
    const std::size_t length = page.size() - 4;
    page[2] = static_cast<std::uint8_t>(length >> 8);
    page[3] = static_cast<std::uint8_t>(length);
    return page;
}

Page identification_page(std::uint64_t naa_number, std::uint16_t port) {
    return identification_page(std::vector<Page>{naa(naa_number), relative_target_port(port)});
}

}  // namespace prh::test
