// SPDX-License-Identifier: MIT
// libsgutils2 as a second opinion: what sg3_utils says of the same bytes.
#pragma once

#include <scsi/sg_lib.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace prh::test {

/// "Invalid field in cdb"; empty where sg3_utils knows no words.
inline std::string sg_additional_sense(std::uint8_t asc, std::uint8_t ascq) {
    std::array<char, 256> buffer{};
    const std::string text = sg_get_asc_ascq_str(asc, ascq, static_cast<int>(buffer.size()), buffer.data());
    const std::string lead = "Additional sense: ";
    return text.starts_with(lead) ? text.substr(lead.size()) : "";
}

inline std::string sg_sense_key(std::uint8_t key) {
    std::array<char, 64> buffer{};
    return sg_get_sense_key_str(key, static_cast<int>(buffer.size()), buffer.data());
}

inline std::string sg_status(std::uint8_t status) {
    std::array<char, 64> buffer{};
    sg_get_scsi_status_str(status, static_cast<int>(buffer.size()), buffer.data());
    return buffer.data();
}

/// "Persistent reserve in, read keys"
inline std::string sg_command(std::uint8_t opcode, std::uint8_t service_action) {
    std::array<char, 128> buffer{};
    sg_get_opcode_sa_name(opcode, service_action, 0, static_cast<int>(buffer.size()), buffer.data());
    return buffer.data();
}

/// One TransportID as sg_persist(8) prints it, all lines in one.
inline std::string sg_transport_id(std::vector<std::uint8_t> bytes) {
    std::array<char, 1024> buffer{};
    sg_decode_transportid_str("", bytes.data(), static_cast<int>(bytes.size()), true,
                              static_cast<int>(buffer.size()), buffer.data());
    return buffer.data();
}

}  // namespace prh::test
