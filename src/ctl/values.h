// SPDX-License-Identifier: MIT
// The values of options as sg_persist(8) writes them, read without leniency: what is not wholly understood is
// refused with words that name it, because a key that is half understood fences the wrong machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scsi/reservation.h"
#include "scsi/transport_id.h"

namespace prh::ctl {

/// A value, or what is wrong with the text, with the text in it.
template <class T>
using Parsed = tl::expected<T, std::string>;

/// One to sixteen hexadecimal digits, with or without "0x".
Parsed<ReservationKey> parse_key(std::string_view text);
/// The code of one of the six types, hexadecimal.
Parsed<ReservationType> parse_type(std::string_view text);
/// Hexadecimal, 0 to 2000h: all that a reply can carry.
Parsed<std::uint16_t> parse_allocation_length(std::string_view text);
/// Hexadecimal, 0 to ffffh.
Parsed<std::uint16_t> parse_relative_target_port(std::string_view text);

/// Decimal, 0 to 86400: a day.
Parsed<std::chrono::seconds> parse_timeout(std::string_view text);

/// One TransportID: "sas,…", "fcp,…", "srp,…", "sbp,…", "sop,…", "iqn.…[,i,0x…]", or its bytes in
/// hexadecimal, separated by commas, spaces or tabs or not at all, to which zeros up to 24 bytes are added.
Parsed<TransportId> parse_transport_id(std::string_view text);
/// The lines of a file: one TransportID on each; "#" starts a comment, empty lines do not count.
Parsed<std::vector<TransportId>> parse_transport_id_lines(std::string_view text);

}  // namespace prh::ctl
