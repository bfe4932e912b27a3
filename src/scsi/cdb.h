// SPDX-License-Identifier: MIT
// A command descriptor block of PERSISTENT RESERVE IN/OUT: ten bytes (SPC-4 6.15, 6.16), carried in sixteen
// by the socket protocol, which has one operation code of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "scsi/reservation.h"

namespace prh {

constexpr std::uint8_t kPersistentReserveIn = 0x5E;
constexpr std::uint8_t kPersistentReserveOut = 0x5F;
/// No SCSI command: the socket protocol's clean-up after a live migration, by which the client's host forgets
/// its key. No parameter list, no data.
constexpr std::uint8_t kCleanUp = 0xFF;

class Cdb {
  public:
    static constexpr std::size_t kSize = 16;           ///< bytes in the socket protocol
    static constexpr std::size_t kCommandLength = 10;  ///< bytes that a device is sent

    constexpr Cdb() = default;
    constexpr explicit Cdb(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

    static constexpr Cdb persistent_reserve_in(PrInAction action, std::uint16_t allocation_length) {
        Cdb cdb;
        cdb.bytes_[0] = kPersistentReserveIn;
        cdb.bytes_[1] = static_cast<std::uint8_t>(action);
        store_be(&cdb.bytes_[7], allocation_length);
        return cdb;
    }
    /// `type` and `scope` are four-bit codes, unchecked: a test sends wrong ones on purpose.
    static constexpr Cdb persistent_reserve_out(PrOutAction action, std::uint8_t type,
                                                std::uint32_t parameter_list_length,
                                                std::uint8_t scope = kLogicalUnitScope) {
        Cdb cdb;
        cdb.bytes_[0] = kPersistentReserveOut;
        cdb.bytes_[1] = static_cast<std::uint8_t>(action);
        cdb.bytes_[2] = static_cast<std::uint8_t>((scope & 0x0F) << 4 | (type & 0x0F));
        store_be(&cdb.bytes_[5], parameter_list_length);
        return cdb;
    }
    static constexpr Cdb clean_up() {
        Cdb cdb;
        cdb.bytes_[0] = kCleanUp;
        return cdb;
    }

    constexpr std::uint8_t opcode() const { return bytes_[0]; }
    constexpr bool is_persistent_reserve_in() const { return opcode() == kPersistentReserveIn; }
    constexpr bool is_persistent_reserve_out() const { return opcode() == kPersistentReserveOut; }
    constexpr bool is_clean_up() const { return opcode() == kCleanUp; }
    /// May change registrations or the reservation.
    constexpr bool changes_something() const { return is_persistent_reserve_out() || is_clean_up(); }
    constexpr std::uint8_t service_action() const { return bytes_[1] & 0x1F; }
    constexpr std::uint8_t scope() const { return bytes_[2] >> 4; }
    constexpr std::uint8_t type() const { return bytes_[2] & 0x0F; }
    /// PERSISTENT RESERVE IN bytes 7..8.
    constexpr std::uint16_t allocation_length() const { return load_be<std::uint16_t>(&bytes_[7]); }
    /// PERSISTENT RESERVE OUT bytes 5..8.
    constexpr std::uint32_t parameter_list_length() const { return load_be<std::uint32_t>(&bytes_[5]); }

    constexpr const std::array<std::uint8_t, kSize>& bytes() const { return bytes_; }
    friend constexpr bool operator==(const Cdb&, const Cdb&) = default;

  private:
    std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace prh
