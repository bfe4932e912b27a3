// SPDX-License-Identifier: MIT
// Parameter data of PERSISTENT RESERVE IN, byte by byte (SPC-4 6.15.2 to 6.15.5), and data of devices that
// cut it or lie.
#include <gtest/gtest.h>

#include "scsi/pr_in_data.h"

namespace prh::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <class Data>
Bytes encoded(const Data& data, std::size_t room = 4096) {
    Bytes bytes(room, 0xAA);
    bytes.resize(data.encode(bytes));
    return bytes;
}

// READ KEYS

TEST(ReadKeysDataTest, HasTheDocumentedBytes) {
    const ReadKeysData data{0x01020304, {{0x1122334455667788}, {1}}, false};
    const Bytes expected = {1,    2,    3,    4,    0, 0, 0, 16, 0x11, 0x22, 0x33, 0x44,
                            0x55, 0x66, 0x77, 0x88, 0, 0, 0, 0,  0,    0,    0,    1};
    EXPECT_EQ(encoded(data), expected);
    EXPECT_EQ(ReadKeysData::parse(expected), data);
}

TEST(ReadKeysDataTest, CutShortKeepsTheWholeLength) {
    const ReadKeysData data{7, {{1}, {2}, {3}}, false};
    const Bytes cut = encoded(data, 17);
    EXPECT_EQ(cut, (Bytes{0, 0, 0, 7, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
    EXPECT_EQ(ReadKeysData::parse(cut), (ReadKeysData{7, {{1}}, true}));
}

TEST(ReadKeysDataTest, BytesBehindTheLengthAreNotKeys) {
    Bytes bytes = encoded(ReadKeysData{7, {{1}}, false});
    bytes.resize(8192);
    EXPECT_EQ(ReadKeysData::parse(bytes), (ReadKeysData{7, {{1}}, false}));
}

TEST(ReadKeysDataTest, ALengthBeyondAllReasonIsTruncation) {
    const Bytes bytes = {0, 0, 0, 7, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1};
    EXPECT_EQ(ReadKeysData::parse(bytes), (ReadKeysData{7, {{1}}, true}));
}

TEST(ReadKeysDataTest, WithoutAHeaderIsNothing) {
    EXPECT_FALSE(ReadKeysData::parse(Bytes(7)));
    EXPECT_TRUE(ReadKeysData::parse(Bytes(8)));
}

// READ RESERVATION

TEST(ReadReservationDataTest, HasTheDocumentedBytes) {
    const ReadReservationData data{9, HeldReservation{{0x1122334455667788}, 1, 6}, false};
    const Bytes expected = {0,    0,    0,    9,    0, 0, 0, 16, 0x11, 0x22, 0x33, 0x44,
                            0x55, 0x66, 0x77, 0x88, 0, 0, 0, 0,  0,    0x16, 0,    0};
    EXPECT_EQ(encoded(data), expected);
    EXPECT_EQ(ReadReservationData::parse(expected), data);
}

TEST(ReadReservationDataTest, OfNothingIsAHeader) {
    EXPECT_EQ(encoded(ReadReservationData{9, {}, false}), (Bytes{0, 0, 0, 9, 0, 0, 0, 0}));
    EXPECT_EQ(ReadReservationData::parse(Bytes{0, 0, 0, 9, 0, 0, 0, 0}), (ReadReservationData{9, {}, false}));
}

TEST(ReadReservationDataTest, CutBeforeTheTypeSaysSo) {
    const ReadReservationData data{9, HeldReservation{{1}, 0, 5}, false};
    for (std::size_t room = 8; room <= 24; ++room) {
        const auto parsed = ReadReservationData::parse(encoded(data, room));
        ASSERT_TRUE(parsed);
        EXPECT_EQ(*parsed, room < 22 ? (ReadReservationData{9, {}, true}) : data) << room;
    }
    EXPECT_FALSE(ReadReservationData::parse(encoded(data, 7)));
}

// REPORT CAPABILITIES

TEST(ReportCapabilitiesDataTest, HasTheDocumentedBits) {
    const auto bytes_with = [](auto set) {
        ReportCapabilitiesData data;
        set(data);
        return encoded(data);
    };
    using Data = ReportCapabilitiesData;
    EXPECT_EQ(bytes_with([](Data&) {}), (Bytes{0, 8, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(bytes_with([](Data& data) { data.replace_lost_reservation = true; }).at(2), 0x80);
    EXPECT_EQ(bytes_with([](Data& data) { data.compatible_reservation_handling = true; }).at(2), 0x10);
    EXPECT_EQ(bytes_with([](Data& data) { data.specify_initiator_ports = true; }).at(2), 0x08);
    EXPECT_EQ(bytes_with([](Data& data) { data.all_target_ports = true; }).at(2), 0x04);
    EXPECT_EQ(bytes_with([](Data& data) { data.persist_through_power_loss = true; }).at(2), 0x01);
    EXPECT_EQ(bytes_with([](Data& data) { data.type_mask_valid = true; }).at(3), 0x80);
    EXPECT_EQ(bytes_with([](Data& data) { data.allow_commands = 5; }).at(3), 0x50);
    EXPECT_EQ(bytes_with([](Data& data) { data.persist_activated = true; }).at(3), 0x01);
}

TEST(ReportCapabilitiesDataTest, EachTypeHasItsBit) {
    const std::pair<ReservationType, Bytes> kMasks[] = {
        {ReservationType::WriteExclusive, {0x02, 0}},
        {ReservationType::ExclusiveAccess, {0x08, 0}},
        {ReservationType::WriteExclusiveRegistrantsOnly, {0x20, 0}},
        {ReservationType::ExclusiveAccessRegistrantsOnly, {0x40, 0}},
        {ReservationType::WriteExclusiveAllRegistrants, {0x80, 0}},
        {ReservationType::ExclusiveAccessAllRegistrants, {0, 0x01}},
    };
    for (const auto& [type, mask] : kMasks) {
        ReportCapabilitiesData data;
        data.set_supported(type);
        const Bytes bytes = encoded(data);
        EXPECT_EQ((Bytes{bytes.at(4), bytes.at(5)}), mask);
        for (const ReservationType other : kReservationTypes) EXPECT_EQ(data.supports(other), other == type);
    }
}

TEST(ReportCapabilitiesDataTest, OfLinuxsTargetIsUnderstood) {
    const auto data = ReportCapabilitiesData::parse(Bytes{0, 8, 0x1D, 0x91, 0xEA, 0x01, 0, 0});
    ASSERT_TRUE(data);
    EXPECT_TRUE(data->compatible_reservation_handling && data->specify_initiator_ports &&
                data->all_target_ports && data->persist_through_power_loss && data->type_mask_valid &&
                data->persist_activated);
    EXPECT_FALSE(data->replace_lost_reservation);
    EXPECT_EQ(data->allow_commands, 1);
    for (const ReservationType type : kReservationTypes) EXPECT_TRUE(data->supports(type));
}

TEST(ReportCapabilitiesDataTest, CutBehindTheTypesIsWholeAndBeforeIsNothing) {
    const Bytes whole = {0, 8, 0x1D, 0x91, 0xEA, 0x01, 0, 0};
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const ConstBytes cut = ConstBytes(whole).first(length);
        EXPECT_EQ(ReportCapabilitiesData::parse(cut).has_value(), length >= 6) << length;
    }
}

// READ FULL STATUS

ReadFullStatusData two_registrations() {
    return {5,
            {{{0x11}, false, true, 0, 5, 1, TransportId::sas(0x5001405000000001)},
             {{0x22}, true, false, 0, 0, 0, TransportId::iscsi("iqn.2026-01.test:host-b")}},
            false};
}

TEST(ReadFullStatusDataTest, HasTheDocumentedBytes) {
    ReadFullStatusData data{
        5, {{{0x1122334455667788}, true, true, 2, 6, 0x0304, TransportId::sas(1)}}, false};
    Bytes expected = {0,    0,  0, 5, 0, 0,    0,    48, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                      0x88, 0,  0, 0, 0, 0x03, 0x26, 0,  0,    0,    0,    3,    4,    0,    0,
                      0,    24, 6, 0, 0, 0,    0,    0,  0,    0,    0,    0,    0,    1};
    expected.resize(8 + 48);
    EXPECT_EQ(encoded(data), expected);
    EXPECT_EQ(ReadFullStatusData::parse(expected), data);
}

TEST(ReadFullStatusDataTest, GivesEveryDescriptorBack) {
    EXPECT_EQ(ReadFullStatusData::parse(encoded(two_registrations())), two_registrations());
}

TEST(ReadFullStatusDataTest, CutAnywhereGivesTheWholeDescriptorsAndSaysSo) {
    const Bytes whole = encoded(two_registrations());
    for (std::size_t length = 8; length < whole.size(); ++length) {
        const auto data = ReadFullStatusData::parse(ConstBytes(whole).first(length));
        ASSERT_TRUE(data);
        EXPECT_TRUE(data->truncated) << length;
        ASSERT_LE(data->descriptors.size(), 1U) << length;
        EXPECT_EQ(data->descriptors.size(), length >= 8 + 48 ? 1U : 0U) << length;
        if (length >= 8 + 48) {
            EXPECT_EQ(data->descriptors.at(0), two_registrations().descriptors[0]);
        }
    }
}

TEST(ReadFullStatusDataTest, ADescriptorLengthBeyondTheDataIsTruncation) {
    for (const std::uint32_t lie : {25U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
        Bytes bytes = encoded(ReadFullStatusData{5, {two_registrations().descriptors[0]}, false});
        store_be(&bytes[28], lie);
        const auto data = ReadFullStatusData::parse(bytes);
        ASSERT_TRUE(data);
        EXPECT_TRUE(data->truncated);
        EXPECT_TRUE(data->descriptors.empty());
    }
}

TEST(ReadFullStatusDataTest, ATransportIdThatIsNotUnderstoodLosesOnlyItself) {
    Bytes bytes = encoded(two_registrations());
    bytes[32] = 0x0F;
    const auto data = ReadFullStatusData::parse(bytes);
    ASSERT_TRUE(data && data->descriptors.size() == 2);
    EXPECT_TRUE(data->truncated);
    EXPECT_EQ(data->descriptors[0].key.value, 0x11U);
    EXPECT_EQ(data->descriptors[0].transport_id, TransportId());
    EXPECT_EQ(data->descriptors[1], two_registrations().descriptors[1]);
}

TEST(ReadFullStatusDataTest, WithoutAHeaderIsNothing) { EXPECT_FALSE(ReadFullStatusData::parse(Bytes(7))); }

}  // namespace
}  // namespace prh::test
