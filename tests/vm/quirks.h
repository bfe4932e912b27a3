// SPDX-License-Identifier: MIT
// The one place where Linux's target (LIO, as measured with kernel 6.1) and SPC-4 (what the emulator answers)
// differ.
#pragma once

namespace prh::vm {

enum class Target { kLio, kSpc };

/// Outcomes, as RawReply::brief() writes them.
inline constexpr const char* kGood = "00";
inline constexpr const char* kConflict = "18";
inline constexpr const char* kInvalidFieldInCdb = "02 5/24/00";
inline constexpr const char* kInvalidFieldInParameterList = "02 5/26/00";
inline constexpr const char* kParameterListLengthError = "02 5/1a/00";
inline constexpr const char* kReservationsPreempted = "02 6/2a/03";
inline constexpr const char* kReservationsReleased = "02 6/2a/04";
inline constexpr const char* kRegistrationsPreempted = "02 6/2a/05";

struct Quirk {
    const char* spc;
    const char* lio;
};

/// 5.13: a nexus that is not registered meets RESERVATION CONFLICT. LIO calls it a failure of the logical
/// unit's communication, unless somebody holds a reservation.
inline constexpr Quirk kNotRegistered{kConflict, "02 2/08/00"};

/// 6.16.1: LU_SCOPE is the only scope. It is a field of the CDB; LIO blames the parameter list.
inline constexpr Quirk kBadScope{kInvalidFieldInCdb, kInvalidFieldInParameterList};

/// 5.13.11.2: a holder that names another type or scope is told INVALID RELEASE OF PERSISTENT RESERVATION.
inline constexpr Quirk kInvalidRelease{"02 5/26/04", kConflict};

/// 6.16.1: a scope that does not exist is a bad CDB. LIO compares scope and type with what is held.
inline constexpr Quirk kReleaseOfBadScope{kInvalidFieldInCdb, kConflict};

/// 6.16.3: the key is verified first. LIO does not look at it if the registered nexus holds nothing.
inline constexpr Quirk kReleaseByNonHolderWithWrongKey{kConflict, kGood};

/// 4.2.5.6 (allocation length): a short buffer truncates. LIO refuses one without room for the header.
inline constexpr Quirk kShortBuffer{kGood, kInvalidFieldInCdb};

/// 5.13.7: ALL_TG_PT is a property of one REGISTER. LIO insists that the unregistration repeats it.
inline constexpr Quirk kUnregisterWithoutAllTargetPorts{kGood, kInvalidFieldInCdb};

/// 5.13.7: a TransportID may name an initiator port that never logged in. LIO takes only those it knows.
inline constexpr Quirk kUnknownInitiatorPort{kGood, kInvalidFieldInParameterList};

}  // namespace prh::vm
