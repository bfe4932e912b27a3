// SPDX-License-Identifier: MIT
// The real daemon, confined as it is shipped, over devices that fail in every way that SG_IO can tell of:
// GOOD only where the device said so, nothing in a reply but what the device wrote for it, no thread lost.
// Every fault is met by two clients at once whose devices have nothing in common, and every buffer that the
// daemon does not write to itself is full of poison.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>
#include <random>

#include "support/daemon.h"
#include "support/environment.h"
#include "support/loop_device.h"
#include "support/sg_io_answers.h"
#include "support/shared_injection.h"

namespace prh::test {
namespace {

constexpr std::uint8_t kPoison = 0xC5;
constexpr unsigned kPeriod = 16;
/// What the devices of the two clients consist of: A0h to AFh, and 50h to 5Fh.
constexpr std::uint8_t kColours[] = {0xA0, 0x50};
constexpr unsigned kBuffer = 8192;

bool driver_is_clear(const Injection& fault) {
    const unsigned driver = fault.driver_status & 0x0FU;  // the rest is a suggestion
    return driver == 0 || driver == 8;                    // DRIVER_SENSE
}
bool device_answered(const Injection& fault) {
    return fault.error == 0 && fault.returned == 0 && fault.host_status == 0 && driver_is_clear(fault);
}

/// Zeros, or fixed-format sense data that consist of a code (18 bytes).
bool is_synthesised_or_zero(const std::array<std::uint8_t, 96>& sense) {
    constexpr std::size_t kCode[] = {0, 2, 7, 12, 13};
    for (std::size_t i = 0; i < sense.size(); ++i)
        if (sense[i] != 0 && std::find(std::begin(kCode), std::end(kCode), i) == std::end(kCode))
            return false;
    return sense[0] == 0 ? std::all_of(sense.begin(), sense.end(), [](auto byte) { return byte == 0; })
                         : sense[0] == 0x70 && sense[7] == 10;
}

std::array<std::uint8_t, 96> written_sense(const Injection& fault) {
    std::array<std::uint8_t, 96> sense{};
    if (!fault.sense_withheld)
        std::copy_n(fault.sense, std::min<std::size_t>(fault.sense_length, sense.size()), sense.begin());
    return sense;
}

/// What PERSISTENT RESERVE IN brings: as long as the residual says, and where nothing was written zeros.
Bytes expected_data(const Injection& fault, unsigned allocation) {
    const std::int64_t written = std::min<std::int64_t>(fault.data_length, allocation);
    const std::int64_t residual = fault.residual_given ? fault.residual : allocation - written;
    Bytes data(static_cast<std::size_t>(std::clamp<std::int64_t>(allocation - residual, 0, allocation)));
    for (std::size_t i = 0; i < data.size() && static_cast<std::int64_t>(i) < written && !fault.data_withheld;
         ++i)
        data[i] = static_cast<std::uint8_t>(fault.data_seed + i % kPeriod);
    return data;
}

/// What is wrong with the reply; empty if nothing is. `allocation`: 0 for PERSISTENT RESERVE OUT.
std::string fault_in(const RawReply& reply, const Injection& fault, unsigned allocation) {
    if (!device_answered(fault)) {
        if (reply.status == 0) return "GOOD that no device has said";
        if (reply.size != 0) return "data beside a failure";
        return is_synthesised_or_zero(reply.sense) ? "" : "sense data of nobody";
    }
    if (reply.status != fault.status) return "status " + std::to_string(reply.status);
    if (reply.data != (fault.status == 0 ? expected_data(fault, allocation) : Bytes{}))
        return "data that the device did not send, " + std::to_string(reply.data.size()) + " bytes";
    if (fault.status == 2 && fault.sense_length == 0)
        return reply.sense[0] == 0x70 && is_synthesised_or_zero(reply.sense) ? "" : "sense data of nobody";
    return reply.sense == written_sense(fault) ? "" : "sense data that the device did not send";
}

std::string text_of(const Injection& fault) {
    return "errno " + std::to_string(fault.error) + " host " + std::to_string(fault.host_status) +
           " driver " + std::to_string(fault.driver_status) + " status " + std::to_string(fault.status) +
           " sense length " + std::to_string(fault.sense_length) + " residual " +
           (fault.residual_given ? std::to_string(fault.residual) : "honest");
}

class DeviceFaults : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!loop_.failure().empty()) PRH_CANNOT_RUN(loop_.failure());
        device_ = Descriptor(loop_.node());
        ASSERT_TRUE(device_.valid());
        injection_->pages_used = 2;
        injection_->poison = kPoison;
        ProcessOptions options;
        options.environment = injection_.environment();
        options.environment["MALLOC_PERTURB_"] = std::to_string(kPoison);  // mallopt(3): the heap, too
        daemon_.emplace(std::vector<std::string>{"--drain-timeout=60"}, options);
        for (RawClient& client : clients_) client = daemon_->connect();
    }
    void TearDown() override {
        injection_->hanging = 0;
        if (daemon_) {
            EXPECT_EQ(daemon_->end(), 0) << daemon_->process().err();
        }
    }

    /// In the colour of a client: data, and sense data of the format that is given.
    static Injection coloured(Injection fault, std::size_t client, unsigned format = 0x70) {
        fault.data_seed = kColours[client];
        fault.data_period = kPeriod;
        for (std::size_t i = 0; i < sizeof fault.sense; ++i)
            fault.sense[i] = static_cast<std::uint8_t>(kColours[client] + i % kPeriod);
        fault.sense[0] = static_cast<std::uint8_t>(format);
        return fault;
    }

    bool send(std::size_t client, bool in, unsigned allocation) {
        Bytes cdb = in ? pr_in(0, allocation) : pr_out(0, 0);
        cdb[9] = static_cast<std::uint8_t>(client);  // CONTROL: the injector knows by it whose it is
        return clients_[client].send_request(cdb, device_.get(), in ? Bytes{} : key_list(1, 2));
    }

    /// The fault meets both clients, in the colours of each: one PERSISTENT RESERVE IN, one OUT, both in
    /// flight at once, and then the other way round.
    void meet(const Injection& fault, unsigned allocation = 24, unsigned format = 0x70) {
        for (const std::size_t reader : {0U, 1U}) {
            for (const std::size_t client : {0U, 1U})
                injection_.page(client).injection = coloured(fault, client, format);
            for (const std::size_t client : {0U, 1U}) ASSERT_TRUE(send(client, client == reader, allocation));
            for (const std::size_t client : {0U, 1U}) {
                const auto reply = clients_[client].read_reply();
                ASSERT_TRUE(reply) << text_of(fault) << "; " << daemon_->process().err();
                const std::string wrong =
                    fault_in(*reply, injection_.page(client).injection, client == reader ? allocation : 0);
                ASSERT_EQ(wrong, "") << text_of(fault) << " allocation " << allocation << " format "
                                     << format;
            }
        }
    }

    /// Both clients' devices fill the largest buffer: that is what lies about where the next request is
    /// served.
    void leave_data_about() {
        Injection full;
        full.data_length = kBuffer;
        ASSERT_NO_FATAL_FAILURE(meet(full, kBuffer));
    }

    LoopDevice loop_;
    Descriptor device_;
    TemporaryDirectory directory_;
    SharedInjection injection_{directory_ / "injection"};
    std::optional<Daemon> daemon_;
    RawClient clients_[2];
};

TEST_F(DeviceFaults, OfEveryErrno) {
    for (int code = 1; code <= 0xFF; ++code) {
        Injection fault = good(24);
        fault.error = code;
        ASSERT_NO_FATAL_FAILURE(meet(fault));
        fault.returned = 1;  // a driver of another kind may know the request's number as its own
        ASSERT_NO_FATAL_FAILURE(meet(fault));
    }
    for (const int code : {512, 513, 514, 516, 524, 4095}) ASSERT_NO_FATAL_FAILURE(meet(ioctl_error(code)));
    Injection nameless = good(24);
    nameless.returned = -1;
    ASSERT_NO_FATAL_FAILURE(meet(nameless));
}

TEST_F(DeviceFaults, OfEveryHostStatusWithEveryStatus) {
    for (unsigned host = 0; host <= 0xFF; ++host)
        for (unsigned status = 0; status <= 0xFF; ++status) {
            Injection fault = good(24);
            fault.host_status = static_cast<std::uint16_t>(host);
            fault.status = static_cast<std::uint8_t>(status);
            fault.sense_length = static_cast<std::uint8_t>(status % 97);
            ASSERT_NO_FATAL_FAILURE(meet(fault));
        }
}

TEST_F(DeviceFaults, OfEveryDriverStatusWithEveryStatus) {
    for (unsigned driver = 0; driver <= 0xFF; ++driver)
        for (unsigned status = 0; status <= 0xFF; ++status) {
            Injection fault = good(24);
            fault.driver_status = static_cast<std::uint16_t>(driver);
            fault.status = static_cast<std::uint8_t>(status);
            fault.sense_length = static_cast<std::uint8_t>(driver % 97);
            ASSERT_NO_FATAL_FAILURE(meet(fault));
        }
}

TEST_F(DeviceFaults, OfSenseDataOfEveryLengthAndFormat) {
    for (const unsigned format : {0x70U, 0x71U, 0x72U, 0x73U, 0x7FU, 0xF0U, 0x00U, 0xFFU})
        for (unsigned length = 0; length <= 0xFF; ++length)
            for (const bool withheld : {false, true}) {
                Injection fault;
                fault.status = 0x02;
                fault.driver_status = 0x08;
                fault.sense_length = static_cast<std::uint8_t>(length);
                fault.sense_withheld = withheld;
                ASSERT_NO_FATAL_FAILURE(meet(fault, 24, format));
            }
}

TEST_F(DeviceFaults, OfResidualsThatAreTrueAndThatAreNot) {
    for (const unsigned allocation : {0U, 1U, 7U, 8U, 24U, 255U, 256U, 4096U, 8191U, 8192U}) {
        ASSERT_NO_FATAL_FAILURE(leave_data_about());
        for (const int written : {0, 1, 8, 24, 255, 4096, 8192, 100'000}) {
            ASSERT_NO_FATAL_FAILURE(meet(good(written), allocation));  // true
            for (const int residual :
                 {0, 1, 7, 24, 8191, 8192, 8193, 65536, INT_MAX, -1, -24, -8192, -8193, INT_MIN}) {
                Injection fault = good(written);
                fault.residual_given = true;
                fault.residual = residual;
                ASSERT_NO_FATAL_FAILURE(meet(fault, allocation));
            }
        }
    }
}

TEST_F(DeviceFaults, OfDataThatWereNeverWritten) {
    for (const unsigned allocation : {1U, 24U, 255U, 4096U, 8192U}) {
        ASSERT_NO_FATAL_FAILURE(leave_data_about());
        Injection fault = good(static_cast<int>(allocation));
        fault.data_withheld = true;
        ASSERT_NO_FATAL_FAILURE(meet(fault, allocation));
    }
}

/// Everything at once, in an order of its own: what one request leaves behind meets every other.
TEST_F(DeviceFaults, OfEveryKindInAnyOrder) {
    std::mt19937 random(20260101);  // the same every time
    const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
    for (int round = 0; round < 20'000; ++round) {
        Injection fault = good(static_cast<int>(below(kBuffer + 1)));
        if (below(4) == 0) fault.error = static_cast<int>(below(0x100));
        if (below(4) == 0) fault.host_status = static_cast<std::uint16_t>(below(0x100));
        if (below(4) == 0) fault.driver_status = static_cast<std::uint16_t>(below(0x100));
        if (below(2) == 0) fault.status = static_cast<std::uint8_t>(below(2) == 0 ? 0x02 : below(0x100));
        if (below(2) == 0) fault.sense_length = static_cast<std::uint8_t>(below(0x100));
        fault.sense_withheld = below(8) == 0;
        fault.data_withheld = below(8) == 0;
        fault.residual_given = below(4) == 0;
        fault.residual = static_cast<int>(random());
        ASSERT_NO_FATAL_FAILURE(meet(fault, below(4) == 0 ? kBuffer : below(kBuffer), below(0x100)));
    }
}

TEST_F(DeviceFaults, OfADeviceThatHangsCostNoThreadForGood) {
    constexpr std::size_t kMany = 40;
    ASSERT_NO_FATAL_FAILURE(leave_data_about());
    for (int round = 0; round < 3; ++round) {
        for (const std::size_t page : {0U, 1U}) injection_.page(page).injection = coloured(good(24), page);
        std::vector<RawClient> waiting(kMany);
        injection_->hanging = 1;
        for (RawClient& client : waiting) {
            client = daemon_->connect();
            ASSERT_TRUE(client.send_request(pr_in(0, 24), device_.get()));
        }
        ASSERT_TRUE(eventually([&] { return injection_->hung == kMany; })) << injection_->hung;
        EXPECT_EQ(daemon_->ask(), kNoDevice) << "nobody else waits";
        for (std::size_t i = 0; i < kMany; i += 2) waiting[i].close();  // half of them do not live to see it
        injection_->hanging = 0;
        for (std::size_t i = 1; i < kMany; i += 2) {
            const auto reply = waiting[i].read_reply();
            ASSERT_TRUE(reply);
            EXPECT_EQ(fault_in(*reply, injection_.page().injection, 24), "");
        }
        EXPECT_TRUE(eventually([&] { return injection_->hung == 0; }));
        ASSERT_NO_FATAL_FAILURE(leave_data_about());
    }
    // Those that had been needed for the hang have nothing to do, and end. Left are three that wait, the
    // first one, and the one that looks for the names of clients.
    EXPECT_TRUE(eventually([&] { return thread_statuses(daemon_->pid()).size() <= 5; }, 60))
        << thread_statuses(daemon_->pid()).size();
    ASSERT_NO_FATAL_FAILURE(leave_data_about());
}

}  // namespace
}  // namespace prh::test
