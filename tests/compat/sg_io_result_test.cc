// SPDX-License-Identifier: MIT
// What becomes of every result that SG_IO can have: errno, host status, driver status, SCSI status, sense
// data.
#include "compat/helper.h"
#include "support/sg_io_answers.h"

namespace prh::test {
namespace {

class SgIoResult : public PairTest {
  protected:
    /// PERSISTENT RESERVE IN and OUT meet the same kinds of failure.
    void compare_in_and_out(Injection injection) {
        injection.data_length = 24;
        injection.data_seed = ++seed_;  // so that the data of an earlier request can be told
        compare_answers(injection, pr_in(0, 24));
        compare_answers(injection, pr_out(0, 0), key_list(1, 2));
    }

  private:
    std::uint8_t seed_ = 0;
};

TEST_F(SgIoResult, EveryErrno) {
    constexpr int kLargestErrno = 133;  // EHWPOISON
    for (int code = 1; code <= kLargestErrno; ++code) compare_in_and_out(ioctl_error(code));
}

TEST_F(SgIoResult, ErrnoThatOnlyTheKernelUses) {
    for (const int code : {512, 513, 514, 516, 524, 4095}) compare_in_and_out(ioctl_error(code));
}

// 8 bits are all that a host status has (host_byte in include/scsi/scsi.h), whatever the field is wide.
TEST_F(SgIoResult, EveryHostStatus) {
    for (const std::uint8_t status : std::initializer_list<std::uint8_t>{0x00, 0x02, 0x08, 0x18}) {
        for (unsigned host = 0; host <= 0xFF; ++host) {
            Injection injection;
            injection.status = status;
            injection.host_status = static_cast<std::uint16_t>(host);
            if (status == 0x02) put_sense(injection, SenseFormat::Fixed, 96);
            compare_in_and_out(injection);
        }
    }
}

TEST_F(SgIoResult, EveryDriverStatus) {
    for (const std::uint8_t status : std::initializer_list<std::uint8_t>{0x00, 0x02, 0x18}) {
        for (unsigned driver = 0; driver <= 0xFF; ++driver) {
            Injection injection;
            injection.status = status;
            injection.driver_status = static_cast<std::uint16_t>(driver);
            if (status == 0x02) put_sense(injection, SenseFormat::Fixed, 32);
            compare_in_and_out(injection);
        }
    }
}

TEST_F(SgIoResult, HostStatusBeforeDriverStatus) {
    for (const std::uint16_t host : std::initializer_list<std::uint16_t>{0x01, 0x02, 0x07, 0x11}) {
        for (const std::uint16_t driver : std::initializer_list<std::uint16_t>{0x02, 0x04, 0x06, 0x08}) {
            Injection injection = check_condition(SenseFormat::Fixed, 18);
            injection.host_status = host;
            injection.driver_status = driver;
            compare_in_and_out(injection);
        }
    }
}

TEST_F(SgIoResult, EveryStatusWithoutSense) {
    for (unsigned status = 0; status <= 0xFF; ++status) {
        Injection injection;
        injection.status = static_cast<std::uint8_t>(status);
        compare_in_and_out(injection);
    }
}

TEST_F(SgIoResult, EveryStatusWithSense) {
    for (unsigned status = 0; status <= 0xFF; ++status) {
        Injection injection = check_condition(SenseFormat::Fixed, 18);
        injection.status = static_cast<std::uint8_t>(status);
        compare_in_and_out(injection);
    }
}

TEST_F(SgIoResult, SenseOfEveryFormatAndLength) {
    for (const SenseFormat format : {SenseFormat::Fixed, SenseFormat::FixedDeferred, SenseFormat::Descriptor,
                                     SenseFormat::DescriptorDeferred}) {
        for (unsigned length = 0; length <= 96; ++length)
            compare_in_and_out(check_condition(format, static_cast<std::uint8_t>(length)));
    }
}

TEST_F(SgIoResult, SenseOfNoKnownFormat) {
    for (const unsigned code : {0x00U, 0x10U, 0x6FU, 0x74U, 0x7FU, 0xF0U, 0xFFU}) {
        Injection injection = check_condition(SenseFormat::Fixed, 18);
        injection.sense[0] = static_cast<std::uint8_t>(code);
        compare_in_and_out(injection);
    }
}

TEST_F(SgIoResult, SenseLengthBeyondTheBuffer) {
    Injection injection = check_condition(SenseFormat::Fixed, 96);
    injection.sense_length = 252;
    compare_in_and_out(injection);
}

}  // namespace
}  // namespace prh::test
