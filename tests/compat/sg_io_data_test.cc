// SPDX-License-Identifier: MIT
// The data of PERSISTENT RESERVE IN, its length, and what the device is asked for.
#include <fmt/format.h>
#include <scsi/sg.h>

#include <climits>

#include "compat/comparison.h"
#include "compat/helper.h"
#include "support/sg_io_answers.h"

namespace prh::test {
namespace {

constexpr unsigned kLengths[] = {0, 1, 7, 8, 23, 24, 255, 256, 4096, 8184, 8191, 8192};

class SgIoData : public PairTest {
  protected:
    /// What each program has asked the device for, field by field.
    void compare_what_the_device_saw(const std::string& situation) {
        const SeenSgIo& theirs = existing().page().seen;
        const SeenSgIo& mine = ours().page().seen;
        compare(TextExchange{situation + ": CDB", bytes_of(theirs.cdb, 10), bytes_of(mine.cdb, 10)});
        compare(TextExchange{"device: command length", fmt::format("{}", theirs.command_length),
                             fmt::format("{}", mine.command_length)});
        compare(TextExchange{"device: time-out", fmt::format("{} ms", theirs.timeout),
                             fmt::format("{} ms", mine.timeout)});
        compare(TextExchange{"device: sense capacity", fmt::format("{}", theirs.sense_capacity),
                             fmt::format("{}", mine.sense_capacity)});
        compare(TextExchange{situation + ": data", data_of(theirs), data_of(mine)});
        const unsigned wanted = static_cast<unsigned>(mine.cdb[7]) << 8 | mine.cdb[8];
        EXPECT_EQ(mine.data_length, wanted) << "the device's length and the CDB's disagree";
    }

    static std::string bytes_of(const std::uint8_t* bytes, std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += fmt::format("{:02x} ", bytes[i]);
        return text;
    }

  private:
    static std::string data_of(const SeenSgIo& seen) {
        std::string text = fmt::format("direction {} length {}", seen.direction, seen.data_length);
        if (seen.direction == SG_DXFER_TO_DEV) text += " " + bytes_of(seen.data_out, seen.data_length);
        return text;
    }
};

TEST_F(SgIoData, EveryAllocationLengthWithEveryTransferLength) {
    for (const unsigned allocation : kLengths)
        for (const unsigned transferred : kLengths)
            compare_answers(good(static_cast<int>(transferred)), pr_in(0, allocation));
}

TEST_F(SgIoData, ResidualOfPrOutIsIgnored) {
    for (const int residual : {0, 1, 24}) {
        Injection injection;
        injection.residual_given = true;
        injection.residual = residual;
        compare_answers(injection, pr_out(0, 0), key_list(1, 2));
    }
}

TEST_F(SgIoData, NegativeResidual) {
    for (const int residual : {-1, -24, -8192, INT_MIN + 8192}) {
        Injection injection = good(24);
        injection.residual_given = true;
        injection.residual = residual;
        compare_answers(injection, pr_in(0, 24));
    }
}

TEST_F(SgIoData, ResidualBeyondTheBuffer) {
    for (const int residual : {8193, 65536, INT_MAX}) {
        Injection injection = good(24);
        injection.residual_given = true;
        injection.residual = residual;
        compare_answers(injection, pr_in(0, 24));
    }
}

TEST_F(SgIoData, DataThatWereNeverWritten) {
    Injection injection = good(8192);
    injection.data_seed = 0x5A;
    compare_answers(injection, pr_in(0, 8192));
    injection.data_withheld = true;
    compare_answers(injection, pr_in(0, 8192));
}

TEST_F(SgIoData, NoDataWithAStatusOtherThanGood) {
    for (const std::uint8_t status :
         std::initializer_list<std::uint8_t>{0x02, 0x04, 0x08, 0x10, 0x14, 0x18, 0x28}) {
        Injection injection = good(24);
        injection.status = status;
        if (status == 0x02) put_sense(injection, SenseFormat::Fixed, 18);
        compare_answers(injection, pr_in(0, 24));
    }
}

TEST_F(SgIoData, GoodWithSense) {
    Injection injection = check_condition(SenseFormat::Fixed, 32);  // RECOVERED ERROR and its like
    injection.status = 0;
    injection.data_length = 24;
    compare_answers(injection, pr_in(0, 24));
}

TEST_F(SgIoData, TheDeviceGetsTheCdbOfPrIn) {
    for (unsigned byte = 1; byte <= 9; ++byte) {
        if (byte == 7 || byte == 8) continue;
        for (const unsigned value : {0x01U, 0x80U, 0xFFU}) {
            Bytes cdb = pr_in(0, 64);
            cdb[byte] = static_cast<std::uint8_t>(value);
            compare_answers(good(64), cdb);
            compare_what_the_device_saw("device: PR IN");
        }
    }
}

TEST_F(SgIoData, TheDeviceGetsTheCdbAndTheListOfPrOut) {
    for (unsigned byte = 1; byte <= 9; ++byte) {
        if (byte >= 5 && byte <= 8) continue;
        for (const unsigned value : {0x01U, 0x80U, 0xFFU}) {
            Bytes cdb = pr_out(0, 0);
            cdb[byte] = static_cast<std::uint8_t>(value);
            compare_answers(good(0), cdb, key_list(0x1122334455667788, 0x99AABBCCDDEEFF00, 1));
            compare_what_the_device_saw("device: PR OUT");
        }
    }
}

TEST_F(SgIoData, ListsOfEveryLengthReachTheDevice) {
    for (const unsigned length : kLengths) {
        Bytes list(length);
        for (unsigned i = 0; i < length; ++i) list[i] = static_cast<std::uint8_t>(i * 7);
        compare_answers(good(0), pr_out(0, 0, length), list);
        compare_what_the_device_saw("device: PR OUT");
    }
}

TEST_F(SgIoData, EveryServiceActionReachesTheDevice) {
    for (unsigned action = 0; action <= 0xFF; ++action) {
        compare_answers(good(8), pr_in(action, 8));
        compare_what_the_device_saw("device: PR IN");
        compare_answers(good(0), pr_out(action, 0), key_list(1, 2));
        compare_what_the_device_saw("device: PR OUT");
    }
}

TEST_F(SgIoData, WhatFollowsTheTenBytesOfTheCdbIsIgnored) {
    Bytes cdb = pr_in(0, 24);
    for (std::size_t i = 10; i < cdb.size(); ++i) cdb[i] = 0xFF;
    compare_answers(good(24), cdb);
    compare_what_the_device_saw("device: PR IN");
}

TEST_F(SgIoData, ParameterListLengthOfMoreThanSixteenBits) {
    for (const unsigned high : {0x00010018U, 0x01000018U, 0x80000000U, 0xFFFF0018U}) {
        const std::uint32_t calls = ours().page().seen.calls;
        const Bytes list(high & 0xFFFF);
        compare_answers(good(0), pr_out(0, 0, high), list);
        EXPECT_EQ(ours().page().seen.calls, calls) << "the device was asked";
    }
}

}  // namespace
}  // namespace prh::test
