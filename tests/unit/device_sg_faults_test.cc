// SPDX-License-Identifier: MIT
// What holds for every answer that SG_IO can give, over whole products of its fields: GOOD is said by the
// device alone, and nothing is in a result that the device did not say.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <sstream>

#include "device/sg_result.h"
#include "support/environment.h"

namespace prh {
namespace {

constexpr std::uint32_t kBuffer = 8192;
constexpr std::uint8_t kPoison = 0xC5;
const unsigned kStep = test::kSanitized ? 7 : 1;  // every seventh of 17 million takes a sanitizer as long

/// Nobody on the way had anything to report: DID_OK, and of the driver nothing (0h) or that there are sense
/// data (8h). The high half of a driver status is a suggestion of old kernels (SG_ERR_SUG_MASK), not an
/// outcome.
bool way_was_clear(const SgAnswer& answer) {
    const unsigned driver = answer.driver_status & 0x0FU;
    return answer.host_status == 0 && (driver == 0 || driver == 8);
}

bool all_zero(ConstBytes bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// The sense data that we write ourselves: fixed format, current, 18 bytes, nothing but a code in them.
bool is_our_own(const SenseData& sense) {
    const auto& bytes = sense.padded();
    constexpr std::array<std::size_t, 5> kWritten = {0, 2, 7, 12, 13};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (bytes[i] != 0 && std::find(kWritten.begin(), kWritten.end(), i) == kWritten.end()) return false;
    return sense.length() == 18 && bytes[0] == 0x70 && bytes[7] == 10;
}

bool is_the_devices(const SenseData& sense, ConstBytes sent) {
    const auto& bytes = sense.padded();
    const std::size_t kept = std::min(sent.size(), bytes.size());
    return sense.length() == kept &&
           std::equal(bytes.begin(), bytes.begin() + static_cast<long>(kept), sent.begin()) &&
           all_zero(ConstBytes(bytes).subspan(kept));
}

/// What is wrong with `result`; empty if nothing is.
std::string_view fault_in(const SgAnswer& answer, std::uint32_t buffer, const CommandResult& result,
                          SgDelivery delivery) {
    const bool good = result.status == ScsiStatus::Good;
    if (good && (answer.status != 0 || !way_was_clear(answer))) return "GOOD that no device has said";
    if (!good && answer.status == 0 && way_was_clear(answer)) return "GOOD of the device is lost";
    if (good && delivery != SgDelivery::Answered) return "GOOD of nobody who answered";
    if (result.data_length > (good ? buffer : 0)) return "data beyond the buffer, or beside a failure";
    const bool none_said = answer.status == 0x02 && answer.sense.empty();
    if (way_was_clear(answer) && !none_said) {
        if (static_cast<std::uint8_t>(result.status) != answer.status) return "the device's status is lost";
        return is_the_devices(result.sense, answer.sense) ? "" : "sense data are not what the device sent";
    }
    if (result.status == ScsiStatus::CheckCondition)
        return is_our_own(result.sense) ? "" : "sense data of nobody";
    return result.sense.empty() && all_zero(result.sense.padded()) ? "" : "sense data beside another status";
}

class SgFaults : public ::testing::Test {
  protected:
    /// Fails with what was answered; a product of millions must not make millions of lines.
    void check(const SgAnswer& answer, std::uint32_t buffer) {
        const std::string_view fault =
            fault_in(answer, buffer, result_of(answer, buffer), delivery_of(answer));
        if (fault.empty()) return;
        std::ostringstream text;
        text << fault << std::hex << ": host " << answer.host_status << " driver " << answer.driver_status
             << " status " << unsigned{answer.status} << std::dec << " residual " << answer.residual << " of "
             << buffer << ", " << answer.sense.size() << " bytes of sense data";
        FAIL() << text.str();
    }
};

TEST_F(SgFaults, GoodIsSaidByTheDeviceAloneInEveryProductOfTheThreeStatuses) {
    std::array<std::uint8_t, 32> sense;
    sense.fill(kPoison);
    for (unsigned host = 0; host <= 0xFF; ++host)
        for (unsigned driver = 0; driver <= 0xFF; ++driver)
            for (unsigned status = (host + driver) % kStep; status <= 0xFF; status += kStep) {
                SgAnswer answer;
                answer.host_status = static_cast<std::uint16_t>(host);
                answer.driver_status = static_cast<std::uint16_t>(driver);
                answer.status = static_cast<std::uint8_t>(status);
                // With and without sense data in turn, so that every pair of statuses has met both.
                if (((host ^ driver ^ status) & 1) != 0) answer.sense = sense;
                ASSERT_NO_FATAL_FAILURE(check(answer, kBuffer));
            }
}

TEST_F(SgFaults, FieldsWiderThanTheirValuesAreNoWayToGood) {
    for (unsigned wide = 0x100; wide <= 0xFFFF; ++wide) {
        SgAnswer answer;
        answer.host_status = static_cast<std::uint16_t>(wide);
        ASSERT_NO_FATAL_FAILURE(check(answer, kBuffer));
        answer = {};
        answer.driver_status = static_cast<std::uint16_t>(wide);
        ASSERT_NO_FATAL_FAILURE(check(answer, kBuffer));
    }
}

TEST_F(SgFaults, DataAreNeverMoreThanTheBufferWhateverTheResidual) {
    for (const std::uint32_t buffer : {0U, 1U, 7U, 8U, 23U, 24U, 255U, 256U, 4096U, 8191U, 8192U}) {
        const auto try_residual = [&](std::int64_t residual) {
            SgAnswer answer;
            answer.residual = static_cast<std::int32_t>(residual);
            check(answer, buffer);
            const std::int64_t transferred = std::clamp<std::int64_t>(buffer - residual, 0, buffer);
            ASSERT_EQ(result_of(answer, buffer).data_length, transferred) << residual << " of " << buffer;
        };
        for (std::int64_t residual = -9000; residual <= 9000; ++residual)
            ASSERT_NO_FATAL_FAILURE(try_residual(residual));
        for (int bit = 14; bit < 32; ++bit)
            for (const std::int64_t near : {-1, 0, 1}) {
                const std::int64_t power = (std::int64_t{1} << bit) + near;
                for (const std::int64_t residual : {power, -power})
                    if (residual >= INT_MIN && residual <= INT_MAX) {
                        ASSERT_NO_FATAL_FAILURE(try_residual(residual));
                    }
            }
    }
}

TEST_F(SgFaults, SenseDataOfEveryLengthAndEveryFormatAreTheDevicesAndNothingElse) {
    for (unsigned format = 0; format <= 0xFF; ++format)
        for (std::size_t length = 0; length <= 0xFF; ++length)
            for (const std::uint8_t status : {std::uint8_t{0x00}, std::uint8_t{0x02}, std::uint8_t{0x18}}) {
                std::array<std::uint8_t, 0xFF> sense;
                sense.fill(kPoison);
                sense[0] = static_cast<std::uint8_t>(format);
                SgAnswer answer;
                answer.status = status;
                answer.driver_status = 0x08;  // DRIVER_SENSE
                answer.sense = ConstBytes(sense).first(length);
                ASSERT_NO_FATAL_FAILURE(check(answer, kBuffer));
            }
}

/// Cut anywhere, sense data mean what their whole bytes mean, and never what lies behind them.
TEST_F(SgFaults, ACodeIsReadFromTheBytesThatWereSentAlone) {
    std::array<std::uint8_t, 18> whole;
    for (unsigned format = 0; format <= 0xFF; ++format)
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            std::optional<SenseCode> seen[2];
            for (const int behind : {0, 1}) {
                whole.fill(behind == 0 ? std::uint8_t{0} : kPoison);
                for (std::size_t i = 0; i < length; ++i) whole[i] = static_cast<std::uint8_t>(i + 1);
                if (length > 0) whole[0] = static_cast<std::uint8_t>(format);
                SgAnswer answer;
                answer.status = 0x02;
                answer.sense = ConstBytes(whole).first(length);
                seen[behind] = result_of(answer, 0).sense.code();
            }
            ASSERT_EQ(seen[0], seen[1]) << format << ", " << length;
            const unsigned code = format & 0x7F;
            const bool known = code >= 0x70 && code <= 0x73;
            const std::size_t enough = code >= 0x72 ? 4 : 3;
            ASSERT_EQ(seen[0].has_value(), length == 0 || (known && length >= enough))
                << format << ", " << length;
        }
}

TEST(SgErrno, NoneIsGoodAndNoneHasDataWhateverItIs) {
    const auto check = [](int code) {
        const CommandResult result = result_of_errno(code);
        ASSERT_NE(result.status, ScsiStatus::Good) << code;
        ASSERT_EQ(result.data_length, 0U) << code;
        ASSERT_TRUE(result.status == ScsiStatus::CheckCondition ? is_our_own(result.sense)
                                                                : result.sense.empty())
            << code;
    };
    for (int code = -4096; code <= 4096; ++code) ASSERT_NO_FATAL_FAILURE(check(code));
    for (const int code : {INT_MIN, INT_MAX}) ASSERT_NO_FATAL_FAILURE(check(code));
}

}  // namespace
}  // namespace prh
