// SPDX-License-Identifier: MIT
#include "scsi/transport_id.h"

#include <fmt/format.h>

#include <charconv>

#include "base/check.h"
#include "base/text.h"

namespace prh {
namespace {

constexpr std::uint8_t kIscsiWithIsid = 0x40;  // FORMAT CODE 01b
constexpr std::string_view kIsidSeparator = ",i,0x";
constexpr std::size_t kIscsiMaximumAdditional = 252;
constexpr std::size_t kIscsiMinimumAdditional = 20;  // SPC-4 7.6.4.6
constexpr std::size_t kIscsiMaximumName = 223;       // RFC 7143 4.2.7.1

/// Protocols whose TransportID is a number at a fixed place.
struct NumberedProtocol {
    TransportProtocol protocol;
    std::string_view prefix;  // as sg_persist(8) writes it
    std::size_t offset;
    std::size_t size;
};
constexpr NumberedProtocol kNumbered[] = {
    {TransportProtocol::FibreChannel, "fcp,", 8, 8}, {TransportProtocol::Sbp, "sbp,", 8, 8},
    {TransportProtocol::Srp, "srp,", 8, 16},         {TransportProtocol::Sas, "sas,", 4, 8},
    {TransportProtocol::Pcie, "sop,", 2, 2},
};

std::optional<std::vector<std::uint8_t>> from_hexadecimal(std::string_view digits) {
    if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        std::uint8_t byte = 0;
        const char* const end = digits.data() + i + 2;
        const auto [stopped, error] = std::from_chars(digits.data() + i, end, byte, 16);
        if (error != std::errc{} || stopped != end) return std::nullopt;
        bytes.push_back(byte);
    }
    return bytes;
}

bool is_valid_iscsi_name(std::string_view name) {
    return !name.empty() && name.size() <= kIscsiMaximumName && name.find('\0') == std::string_view::npos &&
           name.find(kIsidSeparator) == std::string_view::npos;
}

/// The text of an iSCSI TransportID; the parser made sure that it ends with a NUL.
std::string_view iscsi_text(ConstBytes id) { return {reinterpret_cast<const char*>(id.data()) + 4}; }

}  // namespace

std::optional<TransportId> TransportId::parse(ConstBytes bytes) {
    if (bytes.size() < kFixedSize) return std::nullopt;
    TransportId id;
    const std::uint8_t kind = bytes[0] & 0xCF;
    if (kind == 0x05 || kind == (0x05 | kIscsiWithIsid)) {
        const std::size_t additional = load_be<std::uint16_t>(&bytes[2]);
        if (additional < kIscsiMinimumAdditional || additional > kIscsiMaximumAdditional ||
            additional % 4 != 0 || 4 + additional > bytes.size())
            return std::nullopt;
        const ConstBytes text = bytes.subspan(4, additional);
        if (text[0] == 0 || std::find(text.begin(), text.end(), 0) == text.end()) return std::nullopt;
        // The text has an ISID if and only if the format says so: else two ports would share one text.
        const bool has_isid = iscsi_text(bytes).find(kIsidSeparator) != std::string_view::npos;
        if (has_isid != (kind != 0x05)) return std::nullopt;
        id.bytes_.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(4 + additional));
        return id;
    }
    switch (static_cast<TransportProtocol>(kind)) {
        case TransportProtocol::FibreChannel:
        case TransportProtocol::ParallelScsi:
        case TransportProtocol::Sbp:
        case TransportProtocol::Srp:
        case TransportProtocol::Sas:
        case TransportProtocol::Pcie: id.bytes_.assign(bytes.begin(), bytes.begin() + kFixedSize); return id;
        default: return std::nullopt;
    }
}

TransportId TransportId::fibre_channel(std::uint64_t port_name) {
    TransportId id;
    id.bytes_.assign(kFixedSize, 0);
    id.bytes_[0] = static_cast<std::uint8_t>(TransportProtocol::FibreChannel);
    store_be(&id.bytes_[8], port_name);
    return id;
}

TransportId TransportId::sas(std::uint64_t address) {
    TransportId id;
    id.bytes_.assign(kFixedSize, 0);
    id.bytes_[0] = static_cast<std::uint8_t>(TransportProtocol::Sas);
    store_be(&id.bytes_[4], address);
    return id;
}

TransportId TransportId::iscsi(std::string_view name, std::optional<std::uint64_t> isid) {
    PRH_CHECK(is_valid_iscsi_name(name));
    std::string text(name);
    if (isid) text += fmt::format("{}{:012x}", kIsidSeparator, *isid & 0xFFFFFFFFFFFF);
    TransportId id;
    const std::size_t additional = std::max(kIscsiMinimumAdditional, (text.size() + 1 + 3) / 4 * 4);
    id.bytes_.assign(4 + additional, 0);
    id.bytes_[0] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(TransportProtocol::Iscsi) |
                                             (isid ? kIscsiWithIsid : 0));
    store_be(&id.bytes_[2], static_cast<std::uint16_t>(additional));
    std::copy(text.begin(), text.end(), id.bytes_.begin() + 4);
    return id;
}

std::string TransportId::to_string() const {
    if (bytes_.empty()) return "none";
    if (protocol() == TransportProtocol::Iscsi) return std::string(iscsi_text(bytes_));
    for (const NumberedProtocol& numbered : kNumbered)
        if (numbered.protocol == protocol())
            return std::string(numbered.prefix) +
                   hexadecimal(ConstBytes(bytes_).subspan(numbered.offset, numbered.size));
    return hexadecimal(bytes_);
}

std::optional<TransportId> TransportId::from_string(std::string_view text) {
    if (text.starts_with("iqn.") || text.starts_with("eui.") || text.starts_with("naa.")) {
        const std::size_t separator = text.find(kIsidSeparator);
        const std::string_view name = text.substr(0, separator);
        if (!is_valid_iscsi_name(name)) return std::nullopt;
        if (separator == std::string_view::npos) return iscsi(name);
        const std::string_view digits = text.substr(separator + kIsidSeparator.size());
        std::uint64_t isid = 0;
        const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), isid, 16);
        if (error != std::errc{} || stopped != digits.data() + digits.size() || digits.size() > 12)
            return std::nullopt;
        return iscsi(name, isid);
    }
    for (const NumberedProtocol& numbered : kNumbered) {
        if (!text.starts_with(numbered.prefix)) continue;
        const auto number = from_hexadecimal(text.substr(numbered.prefix.size()));
        if (!number || number->size() != numbered.size) return std::nullopt;
        TransportId id;
        id.bytes_.assign(kFixedSize, 0);
        id.bytes_[0] = static_cast<std::uint8_t>(numbered.protocol);
        std::copy(number->begin(), number->end(),
                  id.bytes_.begin() + static_cast<std::ptrdiff_t>(numbered.offset));
        return id;
    }
    const auto raw = from_hexadecimal(text);
    if (!raw) return std::nullopt;
    std::optional<TransportId> id = parse(*raw);
    if (!id || id->size() != raw->size()) return std::nullopt;
    return id;
}

}  // namespace prh
