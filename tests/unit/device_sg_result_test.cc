// SPDX-License-Identifier: MIT
// What SG_IO says, value by value: the tables of doc/protocol.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "device/sg_result.h"

namespace prh {
namespace {

/// "18", or "02 0b/00/06" of fixed-format sense data that we made.
std::string brief(const CommandResult& result) {
    std::string text = fmt::format("{:02x}", static_cast<unsigned>(result.status));
    if (const auto code = result.sense.code())
        text += fmt::format(" {:02x}/{:02x}/{:02x}", static_cast<unsigned>(code->key), code->asc, code->ascq);
    return text;
}

std::vector<std::uint8_t> sense_of(std::size_t length) {
    std::vector<std::uint8_t> sense(length);
    for (std::size_t i = 0; i < length; ++i) sense[i] = static_cast<std::uint8_t>(0x70 + i);
    return sense;
}

TEST(SgErrno, EveryOneHasItsAnswerAndNoneIsGood) {
    const std::map<int, std::string> special{
        {33, "28"},                                                       // EDOM
        {52, "18"},                                                       // EBADE
        {121, "02 04/44/00"}, {12, "02 04/44/00"},  {19, "02 04/44/00"},  // EREMOTEIO, ENOMEM, ENODEV
        {61, "02 03/11/00"},  {123, "02 02/3a/00"},                       // ENODATA, ENOMEDIUM
        {22, "02 05/24/00"},  {28, "02 07/27/07"},                        // EINVAL, ENOSPC
    };
    for (int code = 1; code <= 133; ++code) {
        const CommandResult result = result_of_errno(code);
        const auto known = special.find(code);
        EXPECT_EQ(brief(result), known != special.end() ? known->second : "02 0b/00/06") << code;
        EXPECT_EQ(result.data_length, 0U) << code;
        EXPECT_EQ(result.sense.empty(), result.status != ScsiStatus::CheckCondition) << code;
    }
}

TEST(SgHostStatus, EveryOneHasItsAnswerAndNoneButZeroIsGood) {
    const std::map<unsigned, std::string> special{
        {0x01, "02 0b/05/00"}, {0x02, "08"},          {0x03, "02 0b/2e/02"}, {0x04, "02 0b/08/00"},
        {0x05, "02 0b/2f/02"}, {0x08, "02 06/29/00"}, {0x0E, "02 0b/29/07"}, {0x10, "02 04/44/00"},
        {0x11, "18"},          {0x12, "02 07/27/07"}, {0x13, "02 03/11/00"},
    };
    const auto device_sense = sense_of(96);
    for (unsigned host_status = 1; host_status <= 0xFFFF; host_status += host_status < 0x1FF ? 1 : 0xFD) {
        for (const std::uint16_t driver_status : {std::uint16_t{0}, std::uint16_t{0x06}}) {
            SgAnswer answer;
            answer.host_status = static_cast<std::uint16_t>(host_status);
            answer.driver_status = driver_status;
            answer.sense = device_sense;
            const CommandResult result = result_of(answer, 64);
            const auto known = special.find(host_status);
            EXPECT_EQ(brief(result), known != special.end() ? known->second : "02 0b/08/00") << host_status;
            EXPECT_NE(result.status, ScsiStatus::Good) << host_status;
            EXPECT_EQ(result.data_length, 0U) << host_status;
            EXPECT_LE(result.sense.length(), 18U) << "the device's sense data are of no account";
        }
    }
}

TEST(SgDriverStatus, EveryOneButThatThereAreSenseDataIsBusy) {
    for (unsigned driver_status = 0; driver_status <= 0xFF; ++driver_status) {
        SgAnswer answer;
        answer.driver_status = static_cast<std::uint16_t>(driver_status);
        const CommandResult result = result_of(answer, 64);
        const bool busy = (driver_status & 0x07) != 0;
        EXPECT_EQ(brief(result), busy ? "08" : "00") << driver_status;
        EXPECT_EQ(result.data_length, busy ? 0U : 64U) << driver_status;
    }
}

TEST(SgDelivery, OfEveryHostStatusTellsWhoSpoke) {
    for (unsigned host_status = 0; host_status <= 0x1FF; ++host_status) {
        SgAnswer answer;
        answer.host_status = static_cast<std::uint16_t>(host_status);
        const bool is_the_devices = host_status == 0 || (host_status >= 0x10 && host_status <= 0x13);
        const SgDelivery expected = host_status == 0x03 ? SgDelivery::TimedOut
                                    : is_the_devices    ? SgDelivery::Answered
                                                        : SgDelivery::Unreachable;
        EXPECT_EQ(delivery_of(answer), expected) << host_status;
    }
}

TEST(SgDelivery, OfEveryDriverStatusTellsWhoSpoke) {
    for (unsigned driver_status = 0; driver_status <= 0xFF; ++driver_status) {
        SgAnswer answer;
        answer.driver_status = static_cast<std::uint16_t>(driver_status);
        const SgDelivery expected = (driver_status & 0x0F) == 0x06 ? SgDelivery::TimedOut
                                    : (driver_status & 0x07) != 0  ? SgDelivery::Unreachable
                                                                   : SgDelivery::Answered;
        EXPECT_EQ(delivery_of(answer), expected) << driver_status;
    }
}

TEST(SgDelivery, OfWhatIsGoodIsAnAnswer) {
    for (unsigned host_status = 0; host_status <= 0xFF; ++host_status)
        for (unsigned driver_status = 0; driver_status <= 0xFF; ++driver_status) {
            SgAnswer answer;
            answer.host_status = static_cast<std::uint16_t>(host_status);
            answer.driver_status = static_cast<std::uint16_t>(driver_status);
            if (result_of(answer, 0).status == ScsiStatus::Good) {
                EXPECT_EQ(delivery_of(answer), SgDelivery::Answered) << host_status << " " << driver_status;
            }
        }
}

TEST(SgDelivery, OfAnErrnoIsAnAnswerOnlyWhereTheBlockLayerHadOne) {
    const std::map<int, SgDelivery> special{
        {33, SgDelivery::Answered},  {52, SgDelivery::Answered},  {121, SgDelivery::Answered},
        {61, SgDelivery::Answered},  {123, SgDelivery::Answered}, {28, SgDelivery::Answered},
        {110, SgDelivery::TimedOut}, {62, SgDelivery::TimedOut},
    };
    for (int code = 1; code <= 133; ++code) {
        const auto known = special.find(code);
        EXPECT_EQ(delivery_of_errno(code), known != special.end() ? known->second : SgDelivery::Unreachable)
            << code;
    }
}

TEST(SgStatus, TheDevicesOwnPassesThrough) {
    const auto sense = sense_of(18);
    for (unsigned status = 0; status <= 0xFF; ++status) {
        SgAnswer answer;
        answer.status = static_cast<std::uint8_t>(status);
        answer.sense = sense;
        answer.driver_status = 0x08;  // DRIVER_SENSE
        const CommandResult result = result_of(answer, 64);
        EXPECT_EQ(static_cast<unsigned>(result.status), status);
        EXPECT_EQ(result.data_length, status == 0 ? 64U : 0U) << status;
        EXPECT_EQ(result.sense.length(), 18U) << status;
    }
}

TEST(SgStatus, OnlyCheckConditionNeedsSenseData) {
    for (unsigned status = 0; status <= 0xFF; ++status) {
        SgAnswer answer;
        answer.status = static_cast<std::uint8_t>(status);
        const CommandResult result = result_of(answer, 0);
        EXPECT_EQ(brief(result), status == 0x02 ? "02 0b/00/06" : fmt::format("{:02x}", status));
    }
}

TEST(SgResidual, IsWhatIsMissingFromTheData) {
    const auto length = [](std::int32_t residual, std::uint32_t buffer) {
        SgAnswer answer;
        answer.residual = residual;
        return result_of(answer, buffer).data_length;
    };
    EXPECT_EQ(length(0, 8192), 8192U);
    EXPECT_EQ(length(8168, 8192), 24U);
    EXPECT_EQ(length(8192, 8192), 0U);
    EXPECT_EQ(length(1, 0), 0U);
    for (const std::int32_t more : {8193, 100'000, INT32_MAX}) EXPECT_EQ(length(more, 8192), 0U) << more;
    for (const std::int32_t negative : {-1, -8192, INT32_MIN}) {
        EXPECT_EQ(length(negative, 8192), 8192U) << negative;
        EXPECT_EQ(length(negative, 0), 0U) << negative;
    }
}

TEST(SgSense, OfEveryLengthPassesThroughAndTheTailIsZero) {
    for (std::size_t length = 1; length <= 255; ++length) {
        const auto sense = sense_of(length);
        SgAnswer answer;
        answer.status = 0x02;
        answer.sense = sense;
        const CommandResult result = result_of(answer, 64);
        const std::size_t kept = std::min<std::size_t>(length, 96);
        EXPECT_EQ(result.sense.length(), kept);
        for (std::size_t i = 0; i < 96; ++i)
            ASSERT_EQ(result.sense.padded()[i], i < kept ? sense[i] : 0) << length << ", byte " << i;
        EXPECT_EQ(result.data_length, 0U);
    }
}

}  // namespace
}  // namespace prh
