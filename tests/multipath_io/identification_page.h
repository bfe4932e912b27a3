// SPDX-License-Identifier: MIT
// Device Identification VPD pages (83h) of a test's making.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace prh::test {

using Page = std::vector<std::uint8_t>;

/// One designation descriptor, SPC-4 table 589.
Page descriptor(unsigned association, unsigned type, unsigned code_set, const Page& designator);
Page naa(std::uint64_t number);                ///< of the logical unit, 8 bytes
Page text(unsigned type, const std::string&);  ///< of the logical unit, ASCII or UTF-8
Page relative_target_port(std::uint16_t port);
/// The page of these descriptors.
Page identification_page(const std::vector<Page>& descriptors);
/// That of a logical unit with one name, seen through a port.
Page identification_page(std::uint64_t naa_number, std::uint16_t port = 1);

}  // namespace prh::test
