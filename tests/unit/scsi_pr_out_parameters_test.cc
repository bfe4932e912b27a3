// SPDX-License-Identifier: MIT
// Parameter lists of PERSISTENT RESERVE OUT, byte by byte (SPC-4 6.16.3, 6.16.4).
#include <gtest/gtest.h>

#include "scsi/pr_out_parameters.h"

namespace prh::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr PrOutAction kEveryActionButMove[] = {
    PrOutAction::Register,
    PrOutAction::Reserve,
    PrOutAction::Release,
    PrOutAction::Clear,
    PrOutAction::Preempt,
    PrOutAction::PreemptAndAbort,
    PrOutAction::RegisterAndIgnoreExistingKey,
};

PrOutParameters sample() { return {{0x1122334455667788}, {0x99AABBCCDDEEFF00}, false, true, true, {}}; }

PrOutParameters with_ids() {
    PrOutParameters parameters = sample();
    parameters.spec_i_pt = true;
    parameters.transport_ids = {TransportId::sas(0x5001405000000001),
                                TransportId::iscsi("iqn.2026-01.test:h")};
    return parameters;
}

SenseCode error(const Bytes& list, PrOutAction action = PrOutAction::Register) {
    const auto parameters = PrOutParameters::parse(list, action);
    return parameters ? SenseCode{} : parameters.error();
}

TEST(PrOutParametersTest, HaveTheBytesOfTable205) {
    const Bytes expected = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC,
                            0xDD, 0xEE, 0xFF, 0x00, 0,    0,    0,    0,    0x05, 0,    0,    0};
    EXPECT_EQ(sample().encode(), expected);
}

TEST(PrOutParametersTest, EachFlagHasItsBit) {
    EXPECT_EQ((PrOutParameters{{}, {}, true, false, false, {}}).encode().at(20), 0x08);
    EXPECT_EQ((PrOutParameters{{}, {}, false, true, false, {}}).encode().at(20), 0x04);
    EXPECT_EQ((PrOutParameters{{}, {}, false, false, true, {}}).encode().at(20), 0x01);
}

TEST(PrOutParametersTest, AreReadBackForEveryServiceAction) {
    for (const PrOutAction action : kEveryActionButMove)
        EXPECT_EQ(PrOutParameters::parse(sample().encode(), action), sample());
}

TEST(PrOutParametersTest, WithSpecIPtEndWithTheTransportIds) {
    const Bytes list = with_ids().encode();
    ASSERT_EQ(list.size(), 28U + 24 + 24);
    EXPECT_EQ(list[20], 0x0D);
    EXPECT_EQ(load_be<std::uint32_t>(&list[24]), 48U);
    EXPECT_EQ(list[28], 0x06);
    EXPECT_EQ(list[52], 0x05);
    EXPECT_EQ(PrOutParameters::parse(list, PrOutAction::Register), with_ids());
}

TEST(PrOutParametersTest, ObsoleteAndReservedBytesAreIgnored) {
    Bytes list = sample().encode();
    for (const std::size_t index : std::vector<std::size_t>{16, 17, 18, 19, 21, 22, 23}) list[index] = 0xFF;
    list[20] |= 0xF2;
    EXPECT_EQ(PrOutParameters::parse(list, PrOutAction::Register), sample());
}

TEST(PrOutParametersTest, WithoutSpecIPtOnlyTwentyFourBytesAreALength) {
    for (std::size_t length = 0; length < 60; ++length) {
        Bytes list = sample().encode();
        list.resize(length);
        for (const PrOutAction action : kEveryActionButMove)
            EXPECT_EQ(error(list, action), length == 24 ? SenseCode{} : sense::kParameterListLengthError)
                << length;
    }
}

TEST(PrOutParametersTest, SpecIPtIsRefusedForEveryOtherServiceAction) {
    for (const PrOutAction action : kEveryActionButMove) {
        if (action == PrOutAction::Register) continue;
        EXPECT_EQ(error(with_ids().encode(), action), sense::kInvalidFieldInParameterList);
    }
}

TEST(PrOutParametersTest, AListOfTransportIdsThatIsCutAnywhereIsRefused) {
    const Bytes whole = with_ids().encode();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_EQ(error(cut),
                  length < 28 ? sense::kParameterListLengthError : sense::kInvalidFieldInParameterList)
            << length;
    }
}

TEST(PrOutParametersTest, ALengthOfTransportIdsThatIsNotTheListsIsRefused) {
    Bytes list = with_ids().encode();
    for (const std::uint32_t length : {0U, 24U, 47U, 49U, 0xFFFFFFE4U, 0xFFFFFFFFU}) {
        store_be(&list[24], length);
        EXPECT_EQ(error(list), sense::kInvalidFieldInParameterList) << length;
    }
}

TEST(PrOutParametersTest, ATransportIdOfAnUnknownProtocolIsRefused) {
    Bytes list = with_ids().encode();
    list[28] = 0x0F;
    EXPECT_EQ(error(list), sense::kInvalidFieldInParameterList);
}

TEST(PrOutParametersTest, AsManyTransportIdsAsTheProtocolCarriesAreRead) {
    PrOutParameters parameters = sample();
    parameters.spec_i_pt = true;
    for (std::uint64_t i = 0; i < 340; ++i) parameters.transport_ids.push_back(TransportId::sas(i));
    const Bytes list = parameters.encode();
    ASSERT_LE(list.size(), 8192U);
    EXPECT_EQ(PrOutParameters::parse(list, PrOutAction::Register), parameters);
}

RegisterAndMoveParameters move() {
    return {{0x11}, {0x22}, true, true, 0x1234, TransportId::sas(0x5001405000000001)};
}

TEST(RegisterAndMoveParametersTest, HaveTheBytesOfTable207) {
    const Bytes expected = {0, 0,    0,    0,    0, 0, 0, 0x11, 0, 0, 0, 0, 0,    0,    0,    0x22,
                            0, 0x03, 0x12, 0x34, 0, 0, 0, 24,   6, 0, 0, 0, 0x50, 0x01, 0x40, 0x50,
                            0, 0,    0,    1,    0, 0, 0, 0,    0, 0, 0, 0, 0,    0,    0,    0};
    EXPECT_EQ(move().encode(), expected);
    EXPECT_EQ(RegisterAndMoveParameters::parse(expected), move());
}

TEST(RegisterAndMoveParametersTest, EachFlagHasItsBit) {
    RegisterAndMoveParameters parameters = move();
    parameters.aptpl = false;
    EXPECT_EQ(parameters.encode().at(17), 0x02);
    EXPECT_EQ(RegisterAndMoveParameters::parse(parameters.encode()), parameters);
}

TEST(RegisterAndMoveParametersTest, CutOrWithMoreBehindAreRefused) {
    Bytes list = move().encode();
    list.push_back(0);
    EXPECT_EQ(RegisterAndMoveParameters::parse(list).error(), sense::kInvalidFieldInParameterList);
    list.pop_back();
    while (!list.empty()) {
        list.pop_back();
        EXPECT_EQ(RegisterAndMoveParameters::parse(list).error(),
                  list.size() < 24 ? sense::kParameterListLengthError : sense::kInvalidFieldInParameterList)
            << list.size();
    }
}

TEST(RegisterAndMoveParametersTest, TakeOneTransportIdOnly) {
    Bytes list = move().encode();
    const Bytes id(list.begin() + 24, list.end());
    list.insert(list.end(), id.begin(), id.end());
    store_be(&list[20], std::uint32_t{48});
    EXPECT_EQ(RegisterAndMoveParameters::parse(list).error(), sense::kInvalidFieldInParameterList);
}

}  // namespace
}  // namespace prh::test
