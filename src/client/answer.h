// SPDX-License-Identifier: MIT
// The data of PERSISTENT RESERVE IN, decoded: what the text and the JSON are made from.
#pragma once

#include <cstddef>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "scsi/pr_in_data.h"
#include "scsi/reservation.h"

namespace prh::ctl {

using Answer = std::variant<ReadKeysData, ReadReservationData, ReportCapabilitiesData, ReadFullStatusData>;

/// Nothing if the data are shorter than the header of such an answer.
std::optional<Answer> decode_answer(PrInAction action, ConstBytes data);

/// The bytes that the device has to say, which may be more than `data`: its length fields tell the whole,
/// whatever the allocation length (SPC-4 4.2.5.6). Zero if `data` are too short to tell.
std::size_t whole_length(PrInAction action, ConstBytes data);

}  // namespace prh::ctl
