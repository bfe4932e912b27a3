// SPDX-License-Identifier: MIT
// The words of the standards for codes, for logs, traces and people.
#pragma once

#include <string>
#include <string_view>

#include "scsi/cdb.h"
#include "scsi/command_result.h"
#include "scsi/reservation.h"
#include "scsi/sense.h"
#include "scsi/status.h"

namespace prh {

std::string_view name(PrInAction action);     ///< "READ KEYS"; "?" for a code that has no name
std::string_view name(PrOutAction action);    ///< "REGISTER AND IGNORE EXISTING KEY"
std::string_view name(ReservationType type);  ///< "Write Exclusive, registrants only"
std::string_view name(ScsiStatus status);     ///< "RESERVATION CONFLICT"
std::string_view name(SenseKey key);          ///< "ILLEGAL REQUEST"

/// The words of an additional sense code, e.g. "INVALID FIELD IN CDB"; empty where this table has none.
std::string_view additional_sense_name(std::uint8_t asc, std::uint8_t ascq);

std::string to_string(ReservationKey key);  ///< "0x123abc"
/// "ILLEGAL REQUEST, INVALID FIELD IN CDB (5/24/00)"
std::string to_string(SenseCode code);
/// "PERSISTENT RESERVE OUT, RESERVE, type 5 (Write Exclusive, registrants only), 24 bytes"
std::string to_string(const Cdb& cdb);
/// "RESERVE", "READ KEYS": the service action alone.
std::string_view name_of_action(const Cdb& cdb);
/// Status, and sense in words where there is any.
std::string to_string(const CommandResult& result);

}  // namespace prh
