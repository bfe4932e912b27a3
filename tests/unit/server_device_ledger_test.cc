// SPDX-License-Identifier: MIT
// What is kept of the requests for each device, and that it does not grow.
#include <gtest/gtest.h>

#include "server/device_ledger.h"
#include "support/descriptor.h"

namespace prh::test {
namespace {

class NamedDevice : public ReservationDevice {
  public:
    CommandResult execute(const ReservationCommand&) override { return CommandResult::good(); }
    DeviceIdentity identify(FdRef) override { return identity; }
    DeviceIdentity identity{"8:0", "sda", {}, {"1:0:0:0"}, DeviceKind::Disk};
};

class DeviceLedgerTest : public ::testing::Test {
  protected:
    std::uint32_t enter(const std::string& name) {
        device_.identity.name = name;
        return ledger_.enter(FdRef());  // no device node: it is identified each time
    }
    void record(std::uint32_t id, const CommandResult& result = CommandResult::good()) {
        ledger_.record(id, client_, Cdb::persistent_reserve_out(PrOutAction::Reserve, 5, 24), result, {},
                       std::chrono::microseconds(7));
    }

    NamedDevice device_;
    const std::shared_ptr<const ClientIdentity> client_ =
        std::make_shared<ClientIdentity>(PeerCredentials{0, 0, 0});
    DeviceLedger ledger_{device_};
};

TEST_F(DeviceLedgerTest, ADeviceIsEnteredOnce) {
    const auto first = enter("sda");
    EXPECT_EQ(enter("sda"), first);
    EXPECT_NE(enter("sdb"), first);
    record(first);
    record(first, CommandResult::of(ScsiStatus::ReservationConflict));
    const auto devices = ledger_.devices();
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(devices[0].results.at("GOOD"), 1U);
    EXPECT_EQ(devices[0].results.at("RESERVATION CONFLICT"), 1U);
    EXPECT_EQ(devices[0].last.action, "RESERVE");
    EXPECT_EQ(devices[0].on_device.sum, 14U);
    EXPECT_TRUE(devices[1].results.empty());
}

TEST_F(DeviceLedgerTest, AnotherDiskUnderTheSameNameIsAnotherDevice) {
    const auto first = enter("sda");
    device_.identity.wwids = {"naa.6001405"};
    EXPECT_NE(enter("sda"), first);
}

TEST_F(DeviceLedgerTest, WhatADescriptorForReadingDoesNotTellAnotherOneDoes) {
    device_.identity.nexuses.clear();
    enter("sda");
    EXPECT_TRUE(ledger_.devices()[0].identity.nexuses.empty());
    device_.identity.nexuses = {"1:0:0:0"};
    enter("sda");
    EXPECT_EQ(ledger_.devices()[0].identity.nexuses.size(), 1U);
}

TEST_F(DeviceLedgerTest, WhoOnlyReadsDoesNotHideTheNexusesOfWhoComesNext) {
    const Descriptor reading("/dev/null", O_RDONLY), writing("/dev/null", O_RDWR);
    device_.identity.nexuses.clear();
    ledger_.enter(FdRef(reading.get()));
    device_.identity.nexuses = {"1:0:0:0"};
    ledger_.enter(FdRef(writing.get()));
    EXPECT_EQ(ledger_.devices().at(0).identity.nexuses.size(), 1U) << "though the device was known already";
}

TEST_F(DeviceLedgerTest, WhatIsNoDeviceIsCountedInAllOnly) {
    device_.identity.kind = DeviceKind::Other;
    EXPECT_EQ(enter("null"), 0U);
    record(0);
    EXPECT_TRUE(ledger_.devices().empty());
    EXPECT_EQ(ledger_.on_device().count, 1U);
}

TEST_F(DeviceLedgerTest, KeepsThoseThatAreUsed) {
    const auto used = enter("sda");
    for (std::size_t i = 0; i < 3 * DeviceLedger::kRemembered; ++i) {
        enter("other " + std::to_string(i));
        record(used);
    }
    EXPECT_EQ(ledger_.devices().size(), DeviceLedger::kRemembered);
    EXPECT_EQ(enter("sda"), used);
    EXPECT_EQ(ledger_.devices()[0].id, used);
}

TEST_F(DeviceLedgerTest, KindsOfAnswersDoNotGrowWithoutEnd) {
    const auto id = enter("sda");
    for (int asc = 0; asc < 256; ++asc)
        record(id, CommandResult::check_condition(
                       {SenseKey::HardwareError, static_cast<std::uint8_t>(asc), 0xFF}));
    const auto results = ledger_.devices()[0].results;
    EXPECT_LE(results.size(), 65U);
    EXPECT_EQ(results.at("other"), 256U - 64U);
}

}  // namespace
}  // namespace prh::test
