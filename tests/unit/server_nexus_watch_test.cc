// SPDX-License-Identifier: MIT
// Registrations of clients by nexus, where one device has several and outcomes are not known.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "scsi/pr_out_parameters.h"
#include "server/nexus_watch.h"
#include "support/process.h"

namespace prh::test {
namespace {

/// A disk that is reached by the nexuses that the test sets.
class FakeDisk : public ReservationDevice {
  public:
    CommandResult execute(const ReservationCommand&) override { return CommandResult::good(); }
    DeviceIdentity identify(FdRef) override { return {"8:0", "sda", {}, nexuses, kind, "8:0"}; }
    void client_left(const std::vector<std::string>& maps) override { left = maps; }
    std::vector<std::string> nexuses;
    DeviceKind kind = DeviceKind::Disk;
    std::vector<std::string> left;
};

class NexusWatchTest : public ::testing::Test {
  protected:
    static std::shared_ptr<Peer> peer(pid_t pid) {
        return std::make_shared<Peer>(PeerProcess{{pid, 0, 0}, 0, 0, nullptr});
    }
    ScsiStatus send(const std::shared_ptr<Peer>& from, PrOutAction action, std::uint64_t key,
                    const std::vector<std::string>& nexuses,
                    const CommandResult& result = CommandResult::good()) {
        disk_.nexuses = nexuses;
        return watch_.execute(from, request(action, key), [&] { return result; }).status;
    }
    static Request request(PrOutAction action, std::uint64_t key) {
        Request request;
        PrOutParameters parameters;
        parameters.service_action_key = {key};
        request.parameter_list = parameters.encode();
        request.cdb = Cdb::persistent_reserve_out(action, 0, 24);
        return request;
    }
    static Request clean_up() {
        Request request;
        request.cdb = Cdb::clean_up();
        return request;
    }
    ScsiStatus cleans_up(NexusWatch& watch, const std::shared_ptr<Peer>& from) {
        return watch.execute(from, clean_up(), [] { return CommandResult::good(); }).status;
    }
    ScsiStatus registers(const std::shared_ptr<Peer>& from, const std::vector<std::string>& nexuses,
                         const CommandResult& result = CommandResult::good()) {
        return send(from, PrOutAction::Register, 1, nexuses, result);
    }

    const std::shared_ptr<Peer> a_ = peer(1), b_ = peer(2);
    Log log_{"test"};
    Counters counters_;
    FakeDisk disk_;
    ClientNames names_{{}};
    NexusWatch watch_{disk_, SharedNexus::Deny, log_, counters_, names_};
};

TEST_F(NexusWatchTest, OneNexusInCommonIsEnough) {
    EXPECT_EQ(registers(a_, {"1"}), ScsiStatus::Good);
    EXPECT_EQ(registers(b_, {"2"}), ScsiStatus::Good);
    EXPECT_EQ(registers(b_, {"1", "2"}), ScsiStatus::ReservationConflict) << "the map over both";
    EXPECT_EQ(registers(a_, {"1", "2"}), ScsiStatus::ReservationConflict);
    EXPECT_EQ(registers(a_, {"1"}), ScsiStatus::Good) << "its own again";
    EXPECT_EQ(counters_.value(Counter::DeniedChanges), 2U);
}

TEST_F(NexusWatchTest, AMapIsToldWhenTheClientIsGoneThatRegistered) {
    EXPECT_EQ(registers(a_, {"1"}), ScsiStatus::Good);
    disk_.kind = DeviceKind::Multipath;
    EXPECT_EQ(registers(b_, {"2"}), ScsiStatus::Good);
    watch_.forget(*a_);
    EXPECT_TRUE(disk_.left.empty()) << "it had a single disk";
    watch_.forget(*b_);
    EXPECT_EQ(disk_.left, std::vector<std::string>{"8:0"});
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

/// As a disk does: it does not know the second one.
TEST_F(NexusWatchTest, EveryChangeOfAStrangerIsDenied) {
    EXPECT_EQ(registers(a_, {"1"}), ScsiStatus::Good);
    for (unsigned action = 0; action <= static_cast<unsigned>(PrOutAction::RegisterAndMove); ++action)
        for (const std::uint64_t key : {0U, 1U})
            EXPECT_EQ(send(b_, static_cast<PrOutAction>(action), key, {"1", "2"}),
                      ScsiStatus::ReservationConflict)
                << action;
    EXPECT_EQ(cleans_up(watch_, b_), ScsiStatus::ReservationConflict);
    EXPECT_EQ(counters_.value(Counter::DeniedChanges), 17U);
    EXPECT_EQ(watch_.registrants({"1", "2"}), std::vector{a_});
    for (const PrOutAction action : {PrOutAction::Reserve, PrOutAction::Preempt, PrOutAction::Release})
        EXPECT_EQ(send(a_, action, 1, {"1"}), ScsiStatus::Good);
    EXPECT_EQ(cleans_up(watch_, a_), ScsiStatus::Good);
    EXPECT_EQ(send(b_, PrOutAction::Clear, 0, {"1"}), ScsiStatus::Good) << "nobody is registered any more";
}

TEST_F(NexusWatchTest, WhoWasRegisteredBeforeTheStartIsServed) {
    EXPECT_EQ(send(a_, PrOutAction::Reserve, 0, {"1"}), ScsiStatus::Good);
    EXPECT_EQ(cleans_up(watch_, a_), ScsiStatus::Good);
    EXPECT_EQ(registers(b_, {"1"}), ScsiStatus::Good);
}

/// A clean-up takes no key: sent in time, it would take the registration of who comes after it.
TEST_F(NexusWatchTest, ARegistrationWaitsForWhatStrangersHaveSent) {
    disk_.nexuses = {"1"};
    std::atomic<bool> sent = false;
    std::thread registering;
    const auto hangs = [&] {
        registering = std::thread([&] {
            watch_.execute(a_, request(PrOutAction::Register, 1), [&] {
                sent = true;
                return CommandResult::good();
            });
        });
        EXPECT_TRUE(eventually([&] { return watch_.registrants({"1"}) == std::vector{a_}; }));
        EXPECT_EQ(cleans_up(watch_, b_), ScsiStatus::ReservationConflict) << "a further one";
        EXPECT_FALSE(sent);
        return CommandResult::good();
    };
    EXPECT_EQ(watch_.execute(b_, clean_up(), hangs).status, ScsiStatus::Good);
    registering.join();
    EXPECT_TRUE(sent);
    EXPECT_EQ(watch_.registrants({"1"}), std::vector{a_});
}

/// After a migration within the host the destination has the nexus' registration.
TEST_F(NexusWatchTest, ACleanUpIsNotSentWhileAnotherClientIsRegistered) {
    NexusWatch warns(disk_, SharedNexus::Warn, log_, counters_, names_);
    disk_.nexuses = {"1"};
    disk_.kind = DeviceKind::Multipath;
    for (const auto& peer : {a_, b_})
        warns.execute(peer, request(PrOutAction::Register, 1), [] { return CommandResult::good(); });
    int sent = 0;
    const auto send = [&] {
        ++sent;
        return CommandResult::good();
    };
    EXPECT_EQ(warns.execute(a_, clean_up(), send).status, ScsiStatus::Good);
    EXPECT_EQ(sent, 0);
    EXPECT_EQ(warns.registrants({"1"}), std::vector{b_});
    EXPECT_EQ(warns.execute(b_, clean_up(), send).status, ScsiStatus::Good);
    EXPECT_EQ(sent, 1);
    EXPECT_TRUE(warns.registrants({"1"}).empty());
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
