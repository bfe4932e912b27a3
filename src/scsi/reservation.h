// SPDX-License-Identifier: MIT
// The nouns of persistent reservations: keys, types, scope and service actions (SPC-4 clauses 5.13, 6.15
// and 6.16).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace prh {

/// PERSISTENT RESERVE IN service actions, SPC-4 table 190.
enum class PrInAction : std::uint8_t {
    ReadKeys = 0,
    ReadReservation = 1,
    ReportCapabilities = 2,
    ReadFullStatus = 3
};

/// PERSISTENT RESERVE OUT service actions, SPC-4 table 203.
enum class PrOutAction : std::uint8_t {
    Register = 0,
    Reserve = 1,
    Release = 2,
    Clear = 3,
    Preempt = 4,
    PreemptAndAbort = 5,
    RegisterAndIgnoreExistingKey = 6,
    RegisterAndMove = 7,
};

/// A reservation key: eight bytes that an initiator chooses. Zero stands for "none".
struct ReservationKey {
    std::uint64_t value = 0;

    constexpr bool is_zero() const { return value == 0; }
    friend constexpr auto operator<=>(ReservationKey, ReservationKey) = default;
};

/// The six persistent reservation types, SPC-4 table 196.
enum class ReservationType : std::uint8_t {
    WriteExclusive = 1,
    ExclusiveAccess = 3,
    WriteExclusiveRegistrantsOnly = 5,
    ExclusiveAccessRegistrantsOnly = 6,
    WriteExclusiveAllRegistrants = 7,
    ExclusiveAccessAllRegistrants = 8,
};

constexpr ReservationType kReservationTypes[] = {
    ReservationType::WriteExclusive,
    ReservationType::ExclusiveAccess,
    ReservationType::WriteExclusiveRegistrantsOnly,
    ReservationType::ExclusiveAccessRegistrantsOnly,
    ReservationType::WriteExclusiveAllRegistrants,
    ReservationType::ExclusiveAccessAllRegistrants,
};

/// The only scope that SPC-4 leaves: the whole logical unit (table 195).
constexpr std::uint8_t kLogicalUnitScope = 0;

/// The type with this code (the low four bits of CDB byte 2), or nothing where SPC-4 has none.
constexpr std::optional<ReservationType> reservation_type(std::uint8_t code) {
    for (const ReservationType type : kReservationTypes)
        if (static_cast<std::uint8_t>(type) == code) return type;
    return std::nullopt;
}

/// Types 7 and 8: every registrant is a holder (SPC-4 5.13.10).
constexpr bool is_all_registrants(ReservationType type) {
    return type == ReservationType::WriteExclusiveAllRegistrants ||
           type == ReservationType::ExclusiveAccessAllRegistrants;
}
/// Types 5 and 6: one holder, every registrant has access.
constexpr bool is_registrants_only(ReservationType type) {
    return type == ReservationType::WriteExclusiveRegistrantsOnly ||
           type == ReservationType::ExclusiveAccessRegistrantsOnly;
}

/// A persistent reservation that is held, as READ RESERVATION reports it.
struct HeldReservation {
    ReservationKey key;  ///< zero for the all-registrants types
    std::uint8_t scope = kLogicalUnitScope;
    std::uint8_t type = 0;  ///< as the device sent it; reservation_type() names it

    friend bool operator==(const HeldReservation&, const HeldReservation&) = default;
};

}  // namespace prh
