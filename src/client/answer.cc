// SPDX-License-Identifier: MIT
#include "client/answer.h"

namespace prh::ctl {
namespace {

template <class Data>
std::optional<Answer> decode(ConstBytes bytes) {
    std::optional<Data> data = Data::parse(bytes);
    if (!data) return std::nullopt;
    return Answer(std::move(*data));
}

}  // namespace

std::optional<Answer> decode_answer(PrInAction action, ConstBytes data) {
    switch (action) {
        case PrInAction::ReadKeys: return decode<ReadKeysData>(data);
        case PrInAction::ReadReservation: return decode<ReadReservationData>(data);
        case PrInAction::ReportCapabilities: return decode<ReportCapabilitiesData>(data);
        case PrInAction::ReadFullStatus: return decode<ReadFullStatusData>(data);
    }
    return std::nullopt;
}

std::size_t whole_length(PrInAction action, ConstBytes data) {
    ByteReader reader(data);
    if (action == PrInAction::ReportCapabilities) {  // its LENGTH counts itself (SPC-4 6.15.4)
        const std::size_t length = reader.read<std::uint16_t>();
        return reader.ok() ? length : 0;
    }
    reader.skip(4);  // PRGENERATION
    const std::size_t additional = reader.read<std::uint32_t>();
    return reader.ok() ? 8 + additional : 0;
}

}  // namespace prh::ctl
