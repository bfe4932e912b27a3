// SPDX-License-Identifier: MIT
#include "scsi/pr_in_data.h"

namespace prh {
namespace {

constexpr std::size_t kHeaderLength = 8;       // PRGENERATION, ADDITIONAL LENGTH
constexpr std::size_t kDescriptorLength = 24;  // a full status descriptor without its TransportID

std::uint8_t scope_and_type(std::uint8_t scope, std::uint8_t type) {
    return static_cast<std::uint8_t>(scope << 4 | (type & 0x0F));
}

/// The bit of `type` in PERSISTENT RESERVATION TYPE MASK (SPC-4 table 201): types 1 to 7 in the high byte, 8
/// in the low.
std::uint16_t type_bit(ReservationType type) {
    const unsigned code = static_cast<unsigned>(type);
    return static_cast<std::uint16_t>(code < 8 ? 1U << (8 + code) : 1U);
}

}  // namespace

std::optional<ReadKeysData> ReadKeysData::parse(ConstBytes data) {
    if (data.size() < kHeaderLength) return std::nullopt;
    ByteReader reader(data);
    ReadKeysData keys;
    keys.generation = reader.read<std::uint32_t>();
    const std::size_t length = reader.read<std::uint32_t>();
    const std::size_t present = std::min(length, reader.remaining()) / sizeof(std::uint64_t);
    for (std::size_t i = 0; i < present; ++i) keys.keys.push_back({reader.read<std::uint64_t>()});
    keys.truncated = length / sizeof(std::uint64_t) > present;
    return keys;
}

std::size_t ReadKeysData::encode(MutableBytes out) const {
    ByteWriter writer(out);
    writer.write(generation);
    writer.write(static_cast<std::uint32_t>(keys.size() * sizeof(std::uint64_t)));
    for (const ReservationKey key : keys) writer.write(key.value);
    return writer.written();
}

std::optional<ReadReservationData> ReadReservationData::parse(ConstBytes data) {
    if (data.size() < kHeaderLength) return std::nullopt;
    ByteReader reader(data);
    ReadReservationData reservation;
    reservation.generation = reader.read<std::uint32_t>();
    const std::size_t length = reader.read<std::uint32_t>();
    if (length < 16) return reservation;
    HeldReservation held;
    held.key = {reader.read<std::uint64_t>()};
    reader.skip(5);  // obsolete, reserved
    const std::uint8_t code = reader.read<std::uint8_t>();
    if (!reader.ok()) {
        reservation.truncated = true;
        return reservation;
    }
    held.scope = code >> 4;
    held.type = code & 0x0F;
    reservation.held = held;
    return reservation;
}

std::size_t ReadReservationData::encode(MutableBytes out) const {
    ByteWriter writer(out);
    writer.write(generation);
    writer.write(std::uint32_t{held ? 16U : 0U});
    if (held) {
        writer.write(held->key.value);
        writer.write_zeros(5);
        writer.write(scope_and_type(held->scope, held->type));
        writer.write_zeros(2);
    }
    return writer.written();
}

bool ReportCapabilitiesData::supports(ReservationType type) const { return type_mask & type_bit(type); }

void ReportCapabilitiesData::set_supported(ReservationType type) {
    type_mask = static_cast<std::uint16_t>(type_mask | type_bit(type));
}

std::optional<ReportCapabilitiesData> ReportCapabilitiesData::parse(ConstBytes data) {
    ByteReader reader(data);
    reader.skip(2);
    const std::uint8_t handling = reader.read<std::uint8_t>();
    const std::uint8_t persistence = reader.read<std::uint8_t>();
    ReportCapabilitiesData capabilities;
    capabilities.type_mask = reader.read<std::uint16_t>();
    if (!reader.ok()) return std::nullopt;
    capabilities.replace_lost_reservation = handling & 0x80;
    capabilities.compatible_reservation_handling = handling & 0x10;
    capabilities.specify_initiator_ports = handling & 0x08;
    capabilities.all_target_ports = handling & 0x04;
    capabilities.persist_through_power_loss = handling & 0x01;
    capabilities.type_mask_valid = persistence & 0x80;
    capabilities.allow_commands = (persistence >> 4) & 0x07;
    capabilities.persist_activated = persistence & 0x01;
    return capabilities;
}

std::size_t ReportCapabilitiesData::encode(MutableBytes out) const {
    ByteWriter writer(out);
    writer.write(std::uint16_t{8});
    writer.write(static_cast<std::uint8_t>(
        (replace_lost_reservation ? 0x80 : 0) | (compatible_reservation_handling ? 0x10 : 0) |
        (specify_initiator_ports ? 0x08 : 0) | (all_target_ports ? 0x04 : 0) |
        (persist_through_power_loss ? 0x01 : 0)));
    writer.write(static_cast<std::uint8_t>((type_mask_valid ? 0x80 : 0) | (allow_commands & 0x07) << 4 |
                                           (persist_activated ? 0x01 : 0)));
    writer.write(type_mask);
    writer.write_zeros(2);
    return writer.written();
}

std::optional<ReadFullStatusData> ReadFullStatusData::parse(ConstBytes data) {
    if (data.size() < kHeaderLength) return std::nullopt;
    ByteReader reader(data);
    ReadFullStatusData status;
    status.generation = reader.read<std::uint32_t>();
    const std::size_t length = reader.read<std::uint32_t>();
    status.truncated = length > reader.remaining();
    ByteReader list(reader.take(std::min(length, reader.remaining())));
    while (list.remaining() >= kDescriptorLength) {
        FullStatusDescriptor descriptor;
        descriptor.key = {list.read<std::uint64_t>()};
        list.skip(4);
        const std::uint8_t flags = list.read<std::uint8_t>();
        const std::uint8_t code = list.read<std::uint8_t>();
        list.skip(4);
        descriptor.all_target_ports = flags & 0x02;
        descriptor.holder = flags & 0x01;
        descriptor.scope = code >> 4;
        descriptor.type = code & 0x0F;
        descriptor.relative_target_port = list.read<std::uint16_t>();
        const std::size_t id_length = list.read<std::uint32_t>();
        const std::optional<TransportId> id = TransportId::parse(list.take(id_length));
        if (id)
            descriptor.transport_id = *id;
        else
            status.truncated = true;
        if (list.ok()) status.descriptors.push_back(std::move(descriptor));
    }
    if (list.remaining() > 0) status.truncated = true;
    return status;
}

std::size_t ReadFullStatusData::encode(MutableBytes out) const {
    std::size_t length = 0;
    for (const FullStatusDescriptor& descriptor : descriptors)
        length += kDescriptorLength + descriptor.transport_id.size();
    ByteWriter writer(out);
    writer.write(generation);
    writer.write(static_cast<std::uint32_t>(length));
    for (const FullStatusDescriptor& descriptor : descriptors) {
        writer.write(descriptor.key.value);
        writer.write_zeros(4);
        writer.write(static_cast<std::uint8_t>((descriptor.all_target_ports ? 0x02 : 0) |
                                               (descriptor.holder ? 0x01 : 0)));
        writer.write(scope_and_type(descriptor.scope, descriptor.type));
        writer.write_zeros(4);
        writer.write(descriptor.relative_target_port);
        writer.write(static_cast<std::uint32_t>(descriptor.transport_id.size()));
        writer.write_bytes(descriptor.transport_id.bytes());
    }
    return writer.written();
}

}  // namespace prh
