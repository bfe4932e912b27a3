// SPDX-License-Identifier: MIT
// Sense data (SPC-4 4.5): what a device says of a CHECK CONDITION, and the fixed-format sense that we say
// ourselves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace prh {

/// Sense keys, SPC-4 table 48.
enum class SenseKey : std::uint8_t {
    NoSense = 0x0,
    RecoveredError = 0x1,
    NotReady = 0x2,
    MediumError = 0x3,
    HardwareError = 0x4,
    IllegalRequest = 0x5,
    UnitAttention = 0x6,
    DataProtect = 0x7,
    BlankCheck = 0x8,
    VendorSpecific = 0x9,
    CopyAborted = 0xA,
    AbortedCommand = 0xB,
    VolumeOverflow = 0xD,
    Miscompare = 0xE,
    Completed = 0xF,
};

/// Sense key, additional sense code and its qualifier.
struct SenseCode {
    SenseKey key = SenseKey::NoSense;
    std::uint8_t asc = 0;
    std::uint8_t ascq = 0;

    friend constexpr bool operator==(SenseCode, SenseCode) = default;
};

/// The codes this project sends itself (SPC-4 annex F.2 gives the words).
namespace sense {
constexpr SenseCode kReservationsPreempted{SenseKey::UnitAttention, 0x2A, 0x03};
constexpr SenseCode kReservationsReleased{SenseKey::UnitAttention, 0x2A, 0x04};
constexpr SenseCode kRegistrationsPreempted{SenseKey::UnitAttention, 0x2A, 0x05};
constexpr SenseCode kPowerOnOccurred{SenseKey::UnitAttention, 0x29, 0x00};
constexpr SenseCode kParameterListLengthError{SenseKey::IllegalRequest, 0x1A, 0x00};
constexpr SenseCode kInvalidOpcode{SenseKey::IllegalRequest, 0x20, 0x00};
constexpr SenseCode kInvalidFieldInCdb{SenseKey::IllegalRequest, 0x24, 0x00};
constexpr SenseCode kInvalidFieldInParameterList{SenseKey::IllegalRequest, 0x26, 0x00};
constexpr SenseCode kInvalidReleaseOfPersistentReservation{SenseKey::IllegalRequest, 0x26, 0x04};
constexpr SenseCode kInsufficientRegistrationResources{SenseKey::IllegalRequest, 0x55, 0x04};
constexpr SenseCode kIoProcessTerminated{SenseKey::AbortedCommand, 0x00, 0x06};
constexpr SenseCode kCommunicationFailure{SenseKey::AbortedCommand, 0x08, 0x00};
constexpr SenseCode kInternalTargetFailure{SenseKey::HardwareError, 0x44, 0x00};
}  // namespace sense

/// Sense bytes as they travel: at most 96, the tail zero.
class SenseData {
  public:
    static constexpr std::size_t kCapacity = 96;     ///< bytes in a reply of the socket protocol
    static constexpr std::size_t kFixedLength = 18;  ///< bytes of the fixed format that we write

    constexpr SenseData() = default;
    /// Fixed format, current error, 18 bytes (SPC-4 4.5.3).
    static SenseData fixed(SenseCode code);
    /// A device's own bytes; what exceeds the capacity is cut.
    static SenseData from_device(ConstBytes bytes);

    bool empty() const { return length_ == 0; }
    std::size_t length() const { return length_; }
    ConstBytes bytes() const { return ConstBytes(bytes_).first(length_); }
    const std::array<std::uint8_t, kCapacity>& padded() const { return bytes_; }
    /// The code within, from the fixed or the descriptor format; nothing if it is neither or is too short to
    /// tell.
    std::optional<SenseCode> code() const { return decode(bytes()); }
    static std::optional<SenseCode> decode(ConstBytes bytes);

  private:
    std::array<std::uint8_t, kCapacity> bytes_{};
    std::size_t length_ = 0;
};

}  // namespace prh
