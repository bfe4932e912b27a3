// SPDX-License-Identifier: MIT
#include "scsi/device_identification.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/text.h"

namespace prh {
namespace {

constexpr std::uint8_t kPageCode = 0x83;

bool names_one_logical_unit(const Designator& designator) {
    if (designator.association != DesignatorAssociation::LogicalUnit) return false;
    switch (designator.type) {
        case DesignatorType::T10VendorId:
        case DesignatorType::Eui64:
        case DesignatorType::Naa:
        case DesignatorType::ScsiName: return true;
        default: return false;
    }
}

/// A designator of zeros or blanks alone is a field that nobody filled in: many logical units have it.
bool is_blank(const Designator& designator) {
    return std::all_of(designator.bytes.begin(), designator.bytes.end(),
                       [](std::uint8_t byte) { return byte == 0 || byte == ' '; });
}

bool is_hexadecimal(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The number of a SCSI name string "naa." or "eui." in hexadecimal (SPC-4 7.8.6.11), in small letters.
std::string number_of_name(const Designator& designator, std::string_view prefix) {
    std::string text(designator.bytes.begin(), designator.bytes.end());
    text.erase(std::find(text.begin(), text.end(), '\0'), text.end());
    if (!text.starts_with(prefix)) return {};
    text.erase(0, prefix.size());
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

}  // namespace

std::optional<DeviceIdentification> DeviceIdentification::parse(ConstBytes page) {
    ByteReader reader(page);
    reader.skip(1);  // PERIPHERAL QUALIFIER, PERIPHERAL DEVICE TYPE
    const std::uint8_t page_code = reader.read<std::uint8_t>();
    const std::uint16_t length = reader.read<std::uint16_t>();
    ByteReader descriptors(reader.take(length));
    if (!reader.ok() || page_code != kPageCode) return std::nullopt;

    DeviceIdentification identification;
    std::vector<std::uint16_t> ports;
    while (descriptors.remaining() > 0) {
        const std::uint8_t code_set = descriptors.read<std::uint8_t>() & 0x0F;
        const std::uint8_t kind = descriptors.read<std::uint8_t>();
        descriptors.skip(1);
        const ConstBytes bytes = descriptors.take(descriptors.read<std::uint8_t>());
        if (!descriptors.ok()) return std::nullopt;
        const Designator designator{static_cast<DesignatorAssociation>((kind >> 4) & 0x03),
                                    static_cast<DesignatorType>(kind & 0x0F),
                                    code_set,
                                    {bytes.begin(), bytes.end()}};
        if (names_one_logical_unit(designator) && !is_blank(designator))
            identification.logical_unit_.push_back(designator);
        if (designator.association == DesignatorAssociation::TargetPort &&
            designator.type == DesignatorType::RelativeTargetPort && bytes.size() == 4)
            ports.push_back(load_be<std::uint16_t>(&bytes[2]));
    }
    auto& names = identification.logical_unit_;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (ports.size() == 1) identification.relative_target_port_ = ports[0];
    return identification;
}

bool DeviceIdentification::same_logical_unit(const DeviceIdentification& other) const {
    return std::any_of(logical_unit_.begin(), logical_unit_.end(), [&](const Designator& name) {
        return std::binary_search(other.logical_unit_.begin(), other.logical_unit_.end(), name);
    });
}

std::optional<bool> DeviceIdentification::is_named(std::string_view wwid) const {
    const bool naa = wwid.starts_with('3');
    if (!naa && !wwid.starts_with('2')) return std::nullopt;
    const std::string_view number = wwid.substr(1);
    // NAA designators have 8 or 16 bytes, EUI-64 ones 8, 12 or 16.
    const std::size_t digits = number.size();
    if (!is_hexadecimal(number) || !(digits == 16 || digits == 32 || (!naa && digits == 24)))
        return std::nullopt;
    const DesignatorType type = naa ? DesignatorType::Naa : DesignatorType::Eui64;
    bool any = false;
    for (const Designator& name : logical_unit_) {
        const std::string own = name.type == type ? hexadecimal(name.bytes)
                                : name.type == DesignatorType::ScsiName
                                    ? number_of_name(name, naa ? "naa." : "eui.")
                                    : std::string();
        if (own == number) return true;
        any = any || !own.empty();
    }
    return any ? std::optional(false) : std::nullopt;
}

}  // namespace prh
