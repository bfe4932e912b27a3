// SPDX-License-Identifier: MIT
// The Device Identification VPD page (83h; SPC-4 7.8.6): the names of a logical unit and of the target port
// through which it was asked.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace prh {

/// DESIGNATOR TYPE, SPC-4 table 592.
enum class DesignatorType : std::uint8_t {
    VendorSpecific = 0x0,
    T10VendorId = 0x1,
    Eui64 = 0x2,
    Naa = 0x3,
    RelativeTargetPort = 0x4,
    ScsiName = 0x8,
};

/// ASSOCIATION, SPC-4 table 591: whose name it is.
enum class DesignatorAssociation : std::uint8_t { LogicalUnit = 0, TargetPort = 1, TargetDevice = 2 };

struct Designator {
    DesignatorAssociation association = DesignatorAssociation::LogicalUnit;
    DesignatorType type = DesignatorType::VendorSpecific;
    std::uint8_t code_set = 0;
    std::vector<std::uint8_t> bytes;

    friend auto operator<=>(const Designator&, const Designator&) = default;
};

class DeviceIdentification {
  public:
    /// Nothing if `page` is another page, is cut, or contradicts itself: what is half read identifies
    /// nothing.
    static std::optional<DeviceIdentification> parse(ConstBytes page);

    /// The names that are the logical unit's alone: NAA, EUI-64, SCSI name string, T10 vendor ID. Sorted.
    const std::vector<Designator>& logical_unit() const { return logical_unit_; }
    /// Of the port that answered; nothing where it says none, or several.
    std::optional<std::uint16_t> relative_target_port() const { return relative_target_port_; }

    bool same_logical_unit(const DeviceIdentification& other) const;

    /// Whether `wwid`, as scsi_id and multipathd make it of this page ("3" and the NAA designator in
    /// hexadecimal, "2" and the EUI-64 one), is the name of this logical unit. Nothing where it is of another
    /// form, which this page neither proves nor refutes.
    std::optional<bool> is_named(std::string_view wwid) const;

  private:
    std::vector<Designator> logical_unit_;
    std::optional<std::uint16_t> relative_target_port_;
};

}  // namespace prh
