// SPDX-License-Identifier: MIT
// TransportID: the name of an initiator port (SPC-4 7.6.4), as READ FULL STATUS reports it and SPEC_I_PT and
// REGISTER AND MOVE take it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace prh {

/// PROTOCOL IDENTIFIER, SPC-4 table 453.
enum class TransportProtocol : std::uint8_t {
    FibreChannel = 0x0,
    ParallelScsi = 0x1,
    Sbp = 0x3,
    Srp = 0x4,
    Iscsi = 0x5,
    Sas = 0x6,
    Pcie = 0xA,
};

class TransportId {
  public:
    static constexpr std::size_t kFixedSize = 24;  ///< every protocol but iSCSI
    static constexpr std::size_t kMaximumSize =
        4 + 252;  ///< iSCSI: name of 223 bytes, ",i,0x", 12 digits, padding

    TransportId() = default;

    /// The TransportID at the front of `bytes`, or nothing if it is unknown, malformed or longer than
    /// `bytes`.
    static std::optional<TransportId> parse(ConstBytes bytes);
    static TransportId fibre_channel(std::uint64_t port_name);
    static TransportId sas(std::uint64_t address);
    /// Without an ISID the TransportID names every port of the initiator (format 00b), with one a single port
    /// (01b). `name`: 1 to 223 bytes without NUL and without ",i,0x".
    static TransportId iscsi(std::string_view name, std::optional<std::uint64_t> isid = std::nullopt);

    TransportProtocol protocol() const {
        return static_cast<TransportProtocol>(bytes_.empty() ? 0 : bytes_[0] & 0x0F);
    }
    ConstBytes bytes() const { return bytes_; }
    std::size_t size() const { return bytes_.size(); }
    /// As sg_persist(8) writes and reads it: "sas,5001405000000001", "fcp,…", "iqn.…[,i,0x<isid>]"; else the
    /// bytes in hexadecimal.
    std::string to_string() const;
    static std::optional<TransportId> from_string(std::string_view text);

    friend bool operator==(const TransportId&, const TransportId&) = default;
    /// Byte by byte, a prefix first. The default compares with memcmp(3), and GCC 14 warns in a sort that the
    /// length could be negative (-Wstringop-overread).
    friend std::strong_ordering operator<=>(const TransportId& one, const TransportId& other) {
        for (std::size_t i = 0; i < one.size() && i < other.size(); ++i)
            if (const auto order = one.bytes_[i] <=> other.bytes_[i]; order != 0) return order;
        return one.size() <=> other.size();
    }

  private:
    std::vector<std::uint8_t> bytes_;
};

}  // namespace prh
