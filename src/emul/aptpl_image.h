// SPDX-License-Identifier: MIT
// The bytes that keep an AptplState. Big-endian; decode() gives back exactly what was encoded for this
// logical unit, or says why the bytes are not that: it never gives a part.
//
//     0   8  "PRHAPTPL"
//     8   4  version, 1
//    12   4  length of the whole image, checksum included
//    16  28  logical unit: device major 4, device minor 4, inode 8, birth time 8 + 4
//    44   1  the APTPL bit
//    45   1  reservation type, 0 where none is held
//    46   2  zero
//    48   4  index of the holder's registration, FFFFFFFFh where there is none in particular
//    52   4  number of registrations
//    56   n  each: reservation key 8, relative target port 2, length of the TransportID 2, TransportID
//   end   4  CRC-32C (RFC 7143 appendix A.4) of everything before
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "emul/aptpl_state.h"
#include "emul/logical_unit_identity.h"

namespace prh {

/// No image is longer; enough for 3000 registrations with the longest TransportIDs.
constexpr std::size_t kMaximumAptplImage = 1U << 20;

std::vector<std::uint8_t> encode_aptpl_image(const LogicalUnitIdentity& identity, const AptplState& state);

/// The error says what is wrong with the bytes, not what to do: that is for whoever knows where they lie.
Result<AptplState> decode_aptpl_image(const LogicalUnitIdentity& identity, ConstBytes image);

}  // namespace prh
