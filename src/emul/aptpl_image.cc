// SPDX-License-Identifier: MIT
#include "emul/aptpl_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/check.h"

namespace prh {
namespace {

constexpr std::string_view kMagic = "PRHAPTPL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFrameLength = 16;  // magic, version, length
constexpr std::size_t kChecksumLength = 4;
constexpr std::size_t kRegistrationLength = 12;  // without its TransportID
constexpr std::uint32_t kNobody = 0xFFFFFFFF;

constexpr std::array<std::uint32_t, 256> crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0x82F63B78 : value >> 1;
        table[i] = value;
    }
    return table;
}
constexpr std::array<std::uint32_t, 256> kCrcTable = crc_table();

std::uint32_t crc32c(ConstBytes bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::uint8_t byte : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ byte) & 0xFF];
    return ~crc;
}

ConstBytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void write_identity(ByteWriter& writer, const LogicalUnitIdentity& identity) {
    writer.write(identity.device_major);
    writer.write(identity.device_minor);
    writer.write(identity.inode);
    writer.write(static_cast<std::uint64_t>(identity.birth_seconds));
    writer.write(identity.birth_nanoseconds);
}

LogicalUnitIdentity read_identity(ByteReader& reader) {
    LogicalUnitIdentity identity;
    identity.device_major = reader.read<std::uint32_t>();
    identity.device_minor = reader.read<std::uint32_t>();
    identity.inode = reader.read<std::uint64_t>();
    identity.birth_seconds = static_cast<std::int64_t>(reader.read<std::uint64_t>());
    identity.birth_nanoseconds = reader.read<std::uint32_t>();
    return identity;
}

std::uint32_t index_of_holder(const AptplState& state) {
    if (!state.reservation || !state.reservation->holder) return kNobody;
    const auto& list = state.registrations;
    const auto found = std::find_if(list.begin(), list.end(), [&](const Registration& registration) {
        return registration.nexus == *state.reservation->holder;
    });
    PRH_CHECK(found != list.end());
    return static_cast<std::uint32_t>(found - list.begin());
}

/// The state within the part that the checksum covers, behind the identity. Nothing, if those bytes say what
/// no logical unit can be in: then they are not of our writing, whatever the checksum says.
std::optional<AptplState> read_state(ByteReader& reader) {
    AptplState state;
    const std::uint8_t activated = reader.read<std::uint8_t>();
    const std::uint8_t type_code = reader.read<std::uint8_t>();
    const std::uint16_t reserved = reader.read<std::uint16_t>();
    const std::uint32_t holder = reader.read<std::uint32_t>();
    const std::uint32_t count = reader.read<std::uint32_t>();
    if (activated > 1 || reserved != 0 || count > reader.remaining() / kRegistrationLength)
        return std::nullopt;
    state.activated = activated == 1;

    std::set<Nexus> nexuses;
    for (std::uint32_t i = 0; i < count; ++i) {
        const ReservationKey key{reader.read<std::uint64_t>()};
        const std::uint16_t port = reader.read<std::uint16_t>();
        const ConstBytes raw = reader.take(reader.read<std::uint16_t>());
        const auto id = TransportId::parse(raw);
        if (!id || id->size() != raw.size() || canonical(*id) != *id || key.is_zero()) return std::nullopt;
        if (!nexuses.insert({*id, port}).second) return std::nullopt;
        state.registrations.push_back({{*id, port}, key});
    }
    if (!reader.ok() || reader.remaining() != 0 || (!state.activated && count != 0)) return std::nullopt;

    if (type_code == 0) return holder == kNobody ? std::optional(state) : std::nullopt;
    const auto type = reservation_type(type_code);
    if (!type || count == 0 || is_all_registrants(*type) != (holder == kNobody)) return std::nullopt;
    state.reservation = PersistentReservation{*type, std::nullopt};
    if (holder != kNobody) {
        if (holder >= count) return std::nullopt;
        state.reservation->holder = state.registrations[holder].nexus;
    }
    return state;
}

}  // namespace

std::vector<std::uint8_t> encode_aptpl_image(const LogicalUnitIdentity& identity, const AptplState& state) {
    std::size_t length = kFrameLength + 28 + 12 + kChecksumLength;
    for (const Registration& registration : state.registrations)
        length += kRegistrationLength + registration.nexus.initiator_port.size();
    std::vector<std::uint8_t> image(length);
    ByteWriter writer(image);
    writer.write_bytes(bytes_of(kMagic));
    writer.write(kVersion);
    writer.write(static_cast<std::uint32_t>(length));
    write_identity(writer, identity);
    writer.write(static_cast<std::uint8_t>(state.activated ? 1 : 0));
    writer.write(state.reservation ? static_cast<std::uint8_t>(state.reservation->type) : std::uint8_t{0});
    writer.write(std::uint16_t{0});
    writer.write(index_of_holder(state));
    writer.write(static_cast<std::uint32_t>(state.registrations.size()));
    for (const Registration& registration : state.registrations) {
        const TransportId& id = registration.nexus.initiator_port;
        writer.write(registration.key.value);
        writer.write(registration.nexus.target_port);
        writer.write(static_cast<std::uint16_t>(id.size()));
        writer.write_bytes(id.bytes());
    }
    writer.write(crc32c(ConstBytes(image).first(writer.offered())));
    PRH_CHECK(writer.offered() == length);
    return image;
}

Result<AptplState> decode_aptpl_image(const LogicalUnitIdentity& identity, ConstBytes image) {
    ByteReader frame(image);
    const ConstBytes magic = frame.take(kMagic.size());
    const std::uint32_t version = frame.read<std::uint32_t>();
    const std::uint32_t length = frame.read<std::uint32_t>();
    if (!frame.ok() || image.size() < kFrameLength + kChecksumLength)
        return fail(fmt::format("it has only {} bytes: it was not written to its end", image.size()));
    const ConstBytes expected = bytes_of(kMagic);
    if (!std::equal(magic.begin(), magic.end(), expected.begin(), expected.end()))
        return fail("it is not a saved state of reservations");
    if (version != kVersion)
        return fail(fmt::format("it is of version {}, and this program reads version {}", version, kVersion));
    if (image.size() < length)
        return fail(
            fmt::format("it has {} bytes of {}: it was not written to its end", image.size(), length));
    if (image.size() > length) return fail(fmt::format("{} bytes follow its end", image.size() - length));

    const ConstBytes covered = image.first(image.size() - kChecksumLength);
    if (crc32c(covered) != load_be<std::uint32_t>(image.data() + covered.size()))
        return fail("its checksum does not match: it was damaged or changed");
    ByteReader reader(covered.subspan(kFrameLength));
    if (read_identity(reader) != identity) return fail("it belongs to another file than its name says");
    std::optional<AptplState> state = read_state(reader);
    if (!state) return fail("its contents contradict each other");
    return *std::move(state);
}

}  // namespace prh
