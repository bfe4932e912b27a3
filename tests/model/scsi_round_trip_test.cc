// SPDX-License-Identifier: MIT
// Codecs of src/scsi: what is encoded is read back, data cut at any length never tell a lie, and bytes of
// anybody's making do no harm.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "emul/aptpl_image.h"
#include "emul/initiator_name.h"
#include "emul/nexus.h"
#include "scsi/cdb.h"
#include "scsi/pr_in_data.h"
#include "scsi/pr_out_parameters.h"
#include "unit/sg_oracle.h"

namespace prh::model {
namespace {

using Bytes = std::vector<std::uint8_t>;

rc::Gen<std::string> any_iscsi_name() {
    const auto letters = rc::gen::element('a', 'z', '0', '9', '.', '-', ':', ',', '/', ' ', '\x7F');
    return rc::gen::map(rc::gen::container<std::string>(letters),
                        [](const std::string& text) { return "iqn." + text.substr(0, 219); });
}

rc::Gen<TransportId> any_transport_id() {
    const auto raw = [](std::uint8_t first) {
        return rc::gen::map(rc::gen::container<Bytes>(23, rc::gen::arbitrary<std::uint8_t>()),
                            [first](Bytes bytes) {
                                bytes.insert(bytes.begin(), first);
                                return *TransportId::parse(bytes);
                            });
    };
    const auto isid = rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 48);
    return rc::gen::oneOf(
        rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                     [](std::uint64_t n) { return TransportId::sas(n); }),
        rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                     [](std::uint64_t n) { return TransportId::fibre_channel(n); }),
        rc::gen::map(any_iscsi_name(), [](const std::string& name) { return TransportId::iscsi(name); }),
        rc::gen::map(rc::gen::pair(any_iscsi_name(), isid),
                     [](const auto& pair) { return TransportId::iscsi(pair.first, pair.second); }),
        raw(0x01), raw(0x03), raw(0x04), raw(0x0A));
}

rc::Gen<PrOutParameters> any_parameters() {
    return rc::gen::exec([] {
        PrOutParameters parameters;
        parameters.reservation_key = {*rc::gen::arbitrary<std::uint64_t>()};
        parameters.service_action_key = {*rc::gen::arbitrary<std::uint64_t>()};
        parameters.all_tg_pt = *rc::gen::arbitrary<bool>();
        parameters.aptpl = *rc::gen::arbitrary<bool>();
        parameters.spec_i_pt = *rc::gen::arbitrary<bool>();
        if (parameters.spec_i_pt)
            parameters.transport_ids = *rc::gen::container<std::vector<TransportId>>(any_transport_id());
        return parameters;
    });
}

RC_GTEST_PROP(TransportIdProperty, IsReadBackFromItsBytesAndNothingBehindThem, (const Bytes& behind)) {
    const TransportId id = *any_transport_id();
    Bytes bytes(id.bytes().begin(), id.bytes().end());
    bytes.insert(bytes.end(), behind.begin(), behind.end());
    RC_ASSERT(TransportId::parse(bytes) == id);
    RC_ASSERT(TransportId::parse(ConstBytes(bytes).first(id.size() - 1)) == std::nullopt);
}

RC_GTEST_PROP(TransportIdProperty, ItsTextNamesTheSamePort, ()) {
    const TransportId id = *any_transport_id();
    const auto again = TransportId::from_string(id.to_string());
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->to_string() == id.to_string());
    RC_ASSERT(*again == canonical(id));
    RC_ASSERT(canonical(*again) == *again);
}

RC_GTEST_PROP(TransportIdProperty, ArbitraryTextIsReadOrRefused, (const std::string& text)) {
    const auto prefix =
        *rc::gen::element<std::string>("", "iqn.", "naa.", "sas,", "fcp,", "srp,", "06", "05");
    const auto id = TransportId::from_string(prefix + text);
    if (id) RC_ASSERT(TransportId::parse(id->bytes()) == id);
}

RC_GTEST_PROP(TransportIdProperty, ArbitraryBytesAreReadOrRefused, (Bytes bytes)) {
    bytes.resize(*rc::gen::inRange<std::size_t>(0, 300));
    if (!bytes.empty()) bytes[0] = *rc::gen::element<std::uint8_t>(0, 1, 3, 4, 5, 6, 10, 0x45, 0x85, 0x46);
    if (bytes.size() > 3) bytes[2] = 0;
    const auto id = TransportId::parse(bytes);
    if (!id) return;
    RC_ASSERT(id->size() <= bytes.size());
    RC_ASSERT(std::equal(id->bytes().begin(), id->bytes().end(), bytes.begin()));
    RC_ASSERT(canonical(canonical(*id)) == canonical(*id));
}

RC_GTEST_PROP(InitiatorNameProperty, EveryFileNameIsAPortThatCanBeTyped, (const std::string& name)) {
    const TransportId id = initiator_port_of("/" + name);
    RC_ASSERT(TransportId::parse(id.bytes()) == id);
    RC_ASSERT(TransportId::from_string(id.to_string()) == id);
    RC_ASSERT(canonical(id) == id);
}

RC_GTEST_PROP(PrOutParametersProperty, AreReadBack, ()) {
    const PrOutParameters parameters = *any_parameters();
    const auto action = *rc::gen::element(PrOutAction::Register, PrOutAction::Reserve, PrOutAction::Clear,
                                          PrOutAction::RegisterAndIgnoreExistingKey);
    const auto parsed = PrOutParameters::parse(parameters.encode(), action);
    if (parameters.spec_i_pt && action != PrOutAction::Register)
        RC_ASSERT((!parsed && parsed.error() == sense::kInvalidFieldInParameterList));
    else
        RC_ASSERT((parsed && *parsed == parameters));
}

RC_GTEST_PROP(PrOutParametersProperty, CutAnywhereAreRefused, ()) {
    const Bytes list = (*any_parameters()).encode();
    const auto length = *rc::gen::inRange<std::size_t>(0, list.size());
    RC_ASSERT(!PrOutParameters::parse(ConstBytes(list).first(length), PrOutAction::Register));
}

RC_GTEST_PROP(PrOutParametersProperty, ArbitraryBytesAreReadAsWrittenOrRefused, (Bytes bytes)) {
    bytes.resize(24 + bytes.size() % 80);
    const auto parameters = PrOutParameters::parse(bytes, PrOutAction::Register);
    if (parameters)
        RC_ASSERT((PrOutParameters::parse(parameters->encode(), PrOutAction::Register) == parameters));
    const auto move = RegisterAndMoveParameters::parse(bytes);
    if (move) RC_ASSERT((RegisterAndMoveParameters::parse(move->encode()) == move));
}

RC_GTEST_PROP(RegisterAndMoveParametersProperty, AreReadBack,
              (std::uint64_t key, std::uint64_t other, bool unreg, bool aptpl, std::uint16_t port)) {
    const RegisterAndMoveParameters parameters{{key}, {other}, unreg, aptpl, port, *any_transport_id()};
    const Bytes list = parameters.encode();
    RC_ASSERT((RegisterAndMoveParameters::parse(list) == parameters));
    const auto length = *rc::gen::inRange<std::size_t>(0, list.size());
    RC_ASSERT(!RegisterAndMoveParameters::parse(ConstBytes(list).first(length)));
}

RC_GTEST_PROP(CdbProperty, GivesBackItsFields,
              (std::uint8_t action, std::uint8_t type, std::uint8_t scope, std::uint32_t length)) {
    const Cdb out =
        Cdb::persistent_reserve_out(PrOutAction(action & 0x1F), type & 0x0F, length, scope & 0x0F);
    RC_ASSERT(out.is_persistent_reserve_out() && out.service_action() == (action & 0x1F));
    RC_ASSERT(out.type() == (type & 0x0F) && out.scope() == (scope & 0x0F));
    RC_ASSERT(out.parameter_list_length() == length);
    const auto short_length = static_cast<std::uint16_t>(length);
    const Cdb in = Cdb::persistent_reserve_in(PrInAction(action & 0x1F), short_length);
    RC_ASSERT(in.is_persistent_reserve_in() && in.service_action() == (action & 0x1F));
    RC_ASSERT(in.allocation_length() == short_length);
    for (std::size_t i = Cdb::kCommandLength; i < Cdb::kSize; ++i)
        RC_ASSERT(in.bytes()[i] == 0 && out.bytes()[i] == 0);
}

/// Cutting is a prefix: the same bytes as the whole, only fewer, and never more than there is room for.
template <class Data>
std::optional<Data> cut(const Data& data, std::size_t room) {
    Bytes whole(16384);
    whole.resize(data.encode(whole));
    Bytes part(room, 0xAA);
    const std::size_t length = data.encode(part);
    RC_ASSERT(length == std::min(room, whole.size()));
    RC_ASSERT(std::equal(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(length), whole.begin()));
    RC_ASSERT(Data::parse(whole) == data);
    return Data::parse(ConstBytes(part).first(length));
}

RC_GTEST_PROP(PrInDataProperty, KeysCutAnywhereAreThoseInFront,
              (std::uint32_t generation, const std::vector<std::uint64_t>& values)) {
    ReadKeysData data{generation, {}, false};
    for (const std::uint64_t value : values) data.keys.push_back({value});
    const auto room = *rc::gen::inRange<std::size_t>(0, 8 * values.size() + 20);
    const auto part = cut(data, room);
    RC_ASSERT(part.has_value() == (room >= 8));
    if (!part) return;
    const std::size_t fit = std::min(values.size(), (room - 8) / 8);
    RC_ASSERT(part->generation == generation && part->keys.size() == fit);
    RC_ASSERT(part->truncated == (fit < values.size()));
    RC_ASSERT(std::equal(part->keys.begin(), part->keys.end(), data.keys.begin()));
}

RC_GTEST_PROP(PrInDataProperty, AReservationCutAnywhereIsWholeOrTruncated,
              (std::uint32_t generation, std::uint64_t key, bool any)) {
    ReadReservationData data{generation, {}, false};
    if (any)
        data.held = {{key},
                     static_cast<std::uint8_t>(*rc::gen::inRange(0, 16)),
                     static_cast<std::uint8_t>(*rc::gen::inRange(0, 16))};
    const auto part = cut(data, *rc::gen::inRange<std::size_t>(0, 30));
    if (!part) return;
    RC_ASSERT(part->held == (part->truncated ? std::nullopt : data.held));
    if (part->truncated) RC_ASSERT(any);
}

RC_GTEST_PROP(PrInDataProperty, CapabilitiesAreReadBack, ()) {
    ReportCapabilitiesData data;
    for (bool* flag : {&data.compatible_reservation_handling, &data.specify_initiator_ports,
                       &data.all_target_ports, &data.persist_through_power_loss,
                       &data.replace_lost_reservation, &data.type_mask_valid, &data.persist_activated})
        *flag = *rc::gen::arbitrary<bool>();
    data.allow_commands = static_cast<std::uint8_t>(*rc::gen::inRange(0, 8));
    data.type_mask = *rc::gen::arbitrary<std::uint16_t>();
    const auto part = cut(data, *rc::gen::inRange<std::size_t>(0, 12));
    if (part) RC_ASSERT(*part == data);
}

RC_GTEST_PROP(PrInDataProperty, FullStatusCutAnywhereIsTheDescriptorsInFront, (std::uint32_t generation)) {
    ReadFullStatusData data{generation, {}, false};
    const auto ids = *rc::gen::container<std::vector<TransportId>>(any_transport_id());
    std::size_t whole = 8;
    for (const TransportId& id : ids) {
        FullStatusDescriptor descriptor;
        descriptor.key = {*rc::gen::arbitrary<std::uint64_t>()};
        descriptor.all_target_ports = *rc::gen::arbitrary<bool>();
        descriptor.holder = *rc::gen::arbitrary<bool>();
        descriptor.type = static_cast<std::uint8_t>(*rc::gen::inRange(0, 16));
        descriptor.relative_target_port = *rc::gen::arbitrary<std::uint16_t>();
        descriptor.transport_id = id;
        data.descriptors.push_back(descriptor);
        whole += 24 + id.size();
    }
    const auto room = *rc::gen::inRange<std::size_t>(0, whole + 10);
    const auto part = cut(data, room);
    RC_ASSERT(part.has_value() == (room >= 8));
    if (!part) return;
    RC_ASSERT(part->truncated == (room < whole));
    RC_ASSERT(part->descriptors.size() <= data.descriptors.size());
    RC_ASSERT(std::equal(part->descriptors.begin(), part->descriptors.end(), data.descriptors.begin()));
}

RC_GTEST_PROP(PrInDataProperty, ArbitraryBytesAreReadOrRefused, (const Bytes& bytes)) {
    RC_ASSERT(ReadKeysData::parse(bytes).has_value() == (bytes.size() >= 8));
    RC_ASSERT(ReadReservationData::parse(bytes).has_value() == (bytes.size() >= 8));
    RC_ASSERT(ReadFullStatusData::parse(bytes).has_value() == (bytes.size() >= 8));
    RC_ASSERT(ReportCapabilitiesData::parse(bytes).has_value() == (bytes.size() >= 6));
}

RC_GTEST_PROP(SenseProperty, IsReadAsSg3UtilsReadsIt, (Bytes bytes)) {
    bytes.resize(std::min<std::size_t>(bytes.size(), 96));
    if (!bytes.empty()) bytes[0] = *rc::gen::element<std::uint8_t>(0x70, 0x71, 0x72, 0x73, 0xF0, 0x00, 0x7F);
    // sg3_utils believes the ADDITIONAL SENSE LENGTH of the fixed format; ours takes the bytes that came.
    if (bytes.size() > 7) bytes[7] = static_cast<std::uint8_t>(bytes.size() - 8);
    sg_scsi_sense_hdr header{};
    const bool understood = sg_scsi_normalize_sense(bytes.data(), static_cast<int>(bytes.size()), &header);
    const auto code = SenseData::decode(bytes);
    if (!code) return;  // ours wants a whole key; theirs gives zeros
    RC_ASSERT(understood);
    RC_ASSERT(static_cast<std::uint8_t>(code->key) == header.sense_key);
    RC_ASSERT(code->asc == header.asc && code->ascq == header.ascq);
}

RC_GTEST_PROP(AptplImageProperty, OfAnyStateIsReadBackAndNoPartOfIt, ()) {
    AptplState state;
    state.activated = true;
    std::set<Nexus> nexuses;
    for (const TransportId& id : *rc::gen::container<std::vector<TransportId>>(any_transport_id()))
        nexuses.insert({canonical(id), *rc::gen::arbitrary<std::uint16_t>()});
    for (const Nexus& nexus : nexuses)
        state.registrations.push_back({nexus, {*rc::gen::inRange<std::uint64_t>(1, 99)}});
    const auto type = *rc::gen::elementOf(
        std::vector<ReservationType>(std::begin(kReservationTypes), std::end(kReservationTypes)));
    if (!nexuses.empty() && *rc::gen::arbitrary<bool>())
        state.reservation = PersistentReservation{
            type, is_all_registrants(type) ? std::nullopt : std::optional(*rc::gen::elementOf(nexuses))};
    const LogicalUnitIdentity identity{
        *rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<std::uint32_t>(),
        *rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::int64_t>(),
        *rc::gen::arbitrary<std::uint32_t>()};
    const Bytes image = encode_aptpl_image(identity, state);
    const auto decoded = decode_aptpl_image(identity, image);
    RC_ASSERT(decoded && *decoded == state);
    const auto length = *rc::gen::inRange<std::size_t>(0, image.size());
    RC_ASSERT(!decode_aptpl_image(identity, ConstBytes(image).first(length)));
    Bytes changed = image;
    changed[length] = static_cast<std::uint8_t>(changed[length] ^ *rc::gen::inRange(1, 256));
    RC_ASSERT(!decode_aptpl_image(identity, changed));
}

RC_GTEST_PROP(AptplImageProperty, ArbitraryBytesAreRefused, (Bytes bytes)) {
    RC_ASSERT(!decode_aptpl_image({}, bytes));
}

}  // namespace
}  // namespace prh::model
