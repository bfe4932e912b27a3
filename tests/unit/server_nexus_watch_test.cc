// SPDX-License-Identifier: MIT
// Registrations of clients by nexus, where one device has several and outcomes are not known.
#include <gtest/gtest.h>

#include "scsi/pr_out_parameters.h"
#include "server/nexus_watch.h"

namespace prh::test {
namespace {

/// A disk that is reached by the nexuses that the test sets.
class FakeDisk : public ReservationDevice {
  public:
    CommandResult execute(const ReservationCommand&) override { return CommandResult::good(); }
    CommandResult clean_up(FdRef) override { return CommandResult::good(); }
    DeviceIdentity identify(FdRef) override { return {"8:0", "sda", {}, nexuses}; }
    std::vector<std::string> nexuses;
};

class NexusWatchTest : public ::testing::Test {
  protected:
    static std::shared_ptr<Peer> peer(pid_t pid) {
        return std::make_shared<Peer>(PeerCredentials{pid, 0, 0});
    }
    ScsiStatus send(const std::shared_ptr<Peer>& from, PrOutAction action, std::uint64_t key,
                    const std::vector<std::string>& nexuses,
                    const CommandResult& result = CommandResult::good()) {
        disk_.nexuses = nexuses;
        Request request;
        PrOutParameters parameters;
        parameters.service_action_key = {key};
        request.parameter_list = parameters.encode();
        request.cdb = Cdb::persistent_reserve_out(action, 0, 24);
        return watch_.execute(from, request, [&] { return result; }).status;
    }
    ScsiStatus registers(const std::shared_ptr<Peer>& from, const std::vector<std::string>& nexuses,
                         const CommandResult& result = CommandResult::good()) {
        return send(from, PrOutAction::Register, 1, nexuses, result);
    }

    const std::shared_ptr<Peer> a_ = peer(1), b_ = peer(2);
    Log log_{"test"};
    Counters counters_;
    FakeDisk disk_;
    NexusWatch watch_{disk_, SharedNexus::Deny, log_, counters_};
};

TEST_F(NexusWatchTest, OneNexusInCommonIsEnough) {
    EXPECT_EQ(registers(a_, {"1"}), ScsiStatus::Good);
    EXPECT_EQ(registers(b_, {"2"}), ScsiStatus::Good);
    EXPECT_EQ(registers(b_, {"1", "2"}), ScsiStatus::ReservationConflict) << "the map over both";
    EXPECT_EQ(registers(a_, {"1", "2"}), ScsiStatus::ReservationConflict);
    EXPECT_EQ(registers(a_, {"1"}), ScsiStatus::Good) << "its own again";
    EXPECT_EQ(counters_.value(Counter::DeniedRegistrations), 2U);
}

TEST_F(NexusWatchTest, APathThatCameLaterIsSeen) {
    EXPECT_EQ(registers(a_, {"1"}), ScsiStatus::Good);
    EXPECT_EQ(registers(a_, {"1", "2"}), ScsiStatus::Good);
    EXPECT_EQ(registers(b_, {"2"}), ScsiStatus::ReservationConflict);
}

TEST_F(NexusWatchTest, WhatMayHaveBeenExecutedCounts) {
    EXPECT_EQ(registers(a_, {"1"}, CommandResult::check_condition(sense::kCommunicationFailure)),
              ScsiStatus::CheckCondition);
    EXPECT_EQ(registers(b_, {"1"}), ScsiStatus::ReservationConflict);
}

TEST_F(NexusWatchTest, WhatWasRefusedDoesNot) {
    for (const CommandResult& refusal :
         {CommandResult::of(ScsiStatus::ReservationConflict), CommandResult::of(ScsiStatus::Busy),
          CommandResult::check_condition(sense::kInvalidOpcode)})
        EXPECT_EQ(registers(a_, {"1"}, refusal), refusal.status);
    EXPECT_EQ(registers(b_, {"1"}), ScsiStatus::Good);
}

TEST_F(NexusWatchTest, WhoIsGoneIsForgotten) {
    EXPECT_EQ(registers(a_, {"1", "2"}), ScsiStatus::Good);
    watch_.forget(*b_);
    EXPECT_EQ(registers(b_, {"2"}), ScsiStatus::ReservationConflict);
    watch_.forget(*a_);
    EXPECT_EQ(registers(b_, {"2"}), ScsiStatus::Good);
}

}  // namespace
}  // namespace prh::test
