// SPDX-License-Identifier: MIT
// Parameter data of PERSISTENT RESERVE IN (SPC-4 6.15.2 to 6.15.5). encode() truncates by the buffer, as a
// device does by ALLOCATION LENGTH; parse() takes what a device sent, and tells when there was more than it
// was given.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "scsi/reservation.h"
#include "scsi/transport_id.h"

namespace prh {

struct ReadKeysData {
    std::uint32_t generation = 0;
    std::vector<ReservationKey> keys;
    bool truncated = false;  ///< parse only: the device has more keys than the data hold

    static std::optional<ReadKeysData> parse(ConstBytes data);  ///< nothing if there is not even the header
    std::size_t encode(MutableBytes out) const;                 ///< bytes written
    friend bool operator==(const ReadKeysData&, const ReadKeysData&) = default;
};

struct ReadReservationData {
    std::uint32_t generation = 0;
    std::optional<HeldReservation> held;
    bool truncated = false;

    static std::optional<ReadReservationData> parse(ConstBytes data);
    std::size_t encode(MutableBytes out) const;
    friend bool operator==(const ReadReservationData&, const ReadReservationData&) = default;
};

/// REPORT CAPABILITIES, SPC-4 6.15.4.
struct ReportCapabilitiesData {
    bool compatible_reservation_handling = false;  ///< CRH
    bool specify_initiator_ports = false;          ///< SIP_C
    bool all_target_ports = false;                 ///< ATP_C
    bool persist_through_power_loss = false;       ///< PTPL_C
    bool replace_lost_reservation = false;         ///< RLR_C
    bool type_mask_valid = false;                  ///< TMV
    bool persist_activated = false;                ///< PTPL_A
    std::uint8_t allow_commands = 0;               ///< three bits, SPC-4 table 200
    std::uint16_t type_mask = 0;                   ///< bytes 4..5 as sent; supports() reads it

    bool supports(ReservationType type) const;
    void set_supported(ReservationType type);
    static std::optional<ReportCapabilitiesData> parse(ConstBytes data);
    std::size_t encode(MutableBytes out) const;
    friend bool operator==(const ReportCapabilitiesData&, const ReportCapabilitiesData&) = default;
};

/// One registration in READ FULL STATUS, SPC-4 table 202.
struct FullStatusDescriptor {
    ReservationKey key;
    bool all_target_ports = false;
    bool holder = false;
    std::uint8_t scope = 0;  ///< meaningful only for a holder
    std::uint8_t type = 0;
    std::uint16_t relative_target_port = 0;
    TransportId transport_id;

    friend bool operator==(const FullStatusDescriptor&, const FullStatusDescriptor&) = default;
};

struct ReadFullStatusData {
    std::uint32_t generation = 0;
    std::vector<FullStatusDescriptor> descriptors;
    bool truncated =
        false;  ///< parse only: descriptors missing, cut, or with a TransportID that could not be read

    static std::optional<ReadFullStatusData> parse(ConstBytes data);
    std::size_t encode(MutableBytes out) const;
    friend bool operator==(const ReadFullStatusData&, const ReadFullStatusData&) = default;
};

}  // namespace prh
