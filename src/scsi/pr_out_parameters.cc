// SPDX-License-Identifier: MIT
#include "scsi/pr_out_parameters.h"

namespace prh {
namespace {

constexpr std::uint8_t kSpecIPt = 0x08;
constexpr std::uint8_t kAllTgPt = 0x04;
constexpr std::uint8_t kAptpl = 0x01;
constexpr std::uint8_t kUnreg = 0x02;

tl::unexpected<SenseCode> refuse(SenseCode code) { return tl::unexpected<SenseCode>(code); }

}  // namespace

tl::expected<PrOutParameters, SenseCode> PrOutParameters::parse(ConstBytes list, PrOutAction action) {
    if (list.size() < kBasicLength) return refuse(sense::kParameterListLengthError);
    ByteReader reader(list);
    PrOutParameters parameters;
    parameters.reservation_key = {reader.read<std::uint64_t>()};
    parameters.service_action_key = {reader.read<std::uint64_t>()};
    reader.skip(4);  // obsolete: SCOPE-SPECIFIC ADDRESS
    const std::uint8_t flags = reader.read<std::uint8_t>();
    reader.skip(3);
    parameters.all_tg_pt = flags & kAllTgPt;
    parameters.aptpl = flags & kAptpl;

    parameters.spec_i_pt = flags & kSpecIPt;
    if (parameters.spec_i_pt && action != PrOutAction::Register)
        return refuse(sense::kInvalidFieldInParameterList);
    if (!parameters.spec_i_pt) {
        if (list.size() != kBasicLength) return refuse(sense::kParameterListLengthError);
        return parameters;
    }

    const std::size_t length = reader.read<std::uint32_t>();
    if (!reader.ok()) return refuse(sense::kParameterListLengthError);
    if (length != reader.remaining()) return refuse(sense::kInvalidFieldInParameterList);
    while (reader.remaining() > 0) {
        std::optional<TransportId> id = TransportId::parse(reader.rest());
        if (!id) return refuse(sense::kInvalidFieldInParameterList);
        reader.skip(id->size());
        parameters.transport_ids.push_back(std::move(*id));
    }
    return parameters;
}

std::vector<std::uint8_t> PrOutParameters::encode() const {
    std::size_t ids_length = 0;
    for (const TransportId& id : transport_ids) ids_length += id.size();
    std::vector<std::uint8_t> list(kBasicLength + (spec_i_pt ? 4 + ids_length : 0));
    ByteWriter writer(list);
    writer.write(reservation_key.value);
    writer.write(service_action_key.value);
    writer.write_zeros(4);
    writer.write(static_cast<std::uint8_t>((spec_i_pt ? kSpecIPt : 0) | (all_tg_pt ? kAllTgPt : 0) |
                                           (aptpl ? kAptpl : 0)));
    writer.write_zeros(3);
    if (spec_i_pt) {
        writer.write(static_cast<std::uint32_t>(ids_length));
        for (const TransportId& id : transport_ids) writer.write_bytes(id.bytes());
    }
    return list;
}

tl::expected<RegisterAndMoveParameters, SenseCode> RegisterAndMoveParameters::parse(ConstBytes list) {
    if (list.size() < kHeaderLength) return refuse(sense::kParameterListLengthError);
    ByteReader reader(list);
    RegisterAndMoveParameters parameters;
    parameters.reservation_key = {reader.read<std::uint64_t>()};
    parameters.service_action_key = {reader.read<std::uint64_t>()};
    reader.skip(1);
    const std::uint8_t flags = reader.read<std::uint8_t>();
    parameters.unreg = flags & kUnreg;
    parameters.aptpl = flags & kAptpl;
    parameters.relative_target_port = reader.read<std::uint16_t>();
    const std::size_t length = reader.read<std::uint32_t>();
    if (length != reader.remaining()) return refuse(sense::kInvalidFieldInParameterList);
    std::optional<TransportId> id = TransportId::parse(reader.rest());
    if (!id || id->size() != length) return refuse(sense::kInvalidFieldInParameterList);
    parameters.destination = std::move(*id);
    return parameters;
}

std::vector<std::uint8_t> RegisterAndMoveParameters::encode() const {
    std::vector<std::uint8_t> list(kHeaderLength + destination.size());
    ByteWriter writer(list);
    writer.write(reservation_key.value);
    writer.write(service_action_key.value);
    writer.write_zeros(1);
    writer.write(static_cast<std::uint8_t>((unreg ? kUnreg : 0) | (aptpl ? kAptpl : 0)));
    writer.write(relative_target_port);
    writer.write(static_cast<std::uint32_t>(destination.size()));
    writer.write_bytes(destination.bytes());
    return list;
}

}  // namespace prh
