// SPDX-License-Identifier: MIT
// The simulation itself: what the other tests of this folder believe of it.
#include <gtest/gtest.h>

#include "multipath/world.h"

namespace prh::multipath {
namespace {

constexpr Setting kSpc{Dialect::kSpc, 2, true};
constexpr Setting kLio{Dialect::kLio, 2, true};

struct Raw {
    explicit Raw(const Setting& setting) : world(setting) {}
    /// Down a path, as an engine sends it.
    PathAnswer send(std::size_t path, const GuestCommand& command) {
        std::vector<std::uint8_t> data(8192);
        return world.paths.send(path, {command.cdb, command.list, data});
    }
    std::string answer(std::size_t path, const GuestCommand& command) {
        return test::brief(send(path, command).result);
    }
    Delivery delivery(std::size_t path, const GuestCommand& command) { return send(path, command).delivery; }
    void fail_next(const Fault& fault) { world.paths.fail(world.paths.log().size(), fault); }
    World world;
};

const Fault& fault(const std::string& name) {
    for (const Fault& one : every_fault())
        if (one.name == name) return one;
    throw std::invalid_argument(name);
}

TEST(SimulatedLun, GivesEveryPathANexusOfItsOwn) {
    Raw raw(kSpc);
    EXPECT_EQ(raw.answer(0, reg(0, K)), "GOOD");
    EXPECT_EQ(raw.world.keys(), "1111 -");
    EXPECT_EQ(raw.answer(1, reg(K, K2)), "CONFLICT");
    EXPECT_EQ(raw.answer(1, reg(0, K2)), "GOOD");
    EXPECT_EQ(raw.world.keys(), "1111 1112");
}

TEST(SimulatedLun, OfLioBlamesCommunicationWhereNobodyHolds) {
    for (const GuestCommand& command :
         {reserve(K, 5), release(K, 5), clear(K), move(K, J, {World::other_nexus()})}) {
        Raw lio(kLio), spc(kSpc);
        EXPECT_EQ(lio.answer(0, command), "2/08/00") << command.to_string();
        EXPECT_EQ(spc.answer(0, command), "CONFLICT") << command.to_string();
        lio.answer(1, reg(0, K));
        lio.answer(1, reserve(K, 5));
        EXPECT_EQ(lio.answer(0, command), "CONFLICT") << command.to_string();
    }
    EXPECT_EQ(Raw(kLio).answer(0, preempt(K, J, 5)), "CONFLICT");
}

TEST(SimulatedLun, OfLioLooksAtNothingInAReleaseByANonHolder) {
    Raw raw(kLio);
    raw.answer(0, reg(0, K));
    raw.answer(1, reg(0, K));
    EXPECT_EQ(raw.answer(0, reserve(K, 5)), "GOOD");
    EXPECT_EQ(raw.answer(1, release(kWrongKey, 5)), "GOOD");
    EXPECT_EQ(raw.answer(0, release(kWrongKey, 5)), "CONFLICT");
    EXPECT_EQ(raw.answer(0, release(K, 6)), "CONFLICT");
    EXPECT_EQ(raw.answer(0, release(K, 5, 1)), "CONFLICT");
    EXPECT_EQ(raw.world.held(), "5 by 1111");
    EXPECT_EQ(raw.answer(0, release(K, 5)), "GOOD");
    EXPECT_EQ(raw.world.held(), "none");
}

TEST(SimulatedLun, OfLioWantsAllTargetPortsAgain) {
    Raw raw(kLio);
    EXPECT_EQ(raw.answer(0, reg(0, K, {.all_tg_pt = true})), "GOOD");
    EXPECT_EQ(raw.world.keys(), "1111 -");
    EXPECT_EQ(raw.answer(0, reg(kWrongKey, 0)), "CONFLICT");
    EXPECT_EQ(raw.answer(0, reg(K, 0)), "5/24/00");
    EXPECT_EQ(raw.answer(0, reg(K, K2)), "5/24/00");
    EXPECT_EQ(raw.answer(0, reg(K, 0, {.all_tg_pt = true})), "GOOD");
    EXPECT_EQ(raw.answer(0, reg(0, K)), "GOOD");
    EXPECT_EQ(raw.answer(0, reg(K, 0)), "GOOD");
}

TEST(SimulatedLun, OfSpcRegistersThroughAllTargetPorts) {
    Raw raw({Dialect::kSpc, 4, true});
    EXPECT_EQ(raw.answer(0, reg(0, K, {.all_tg_pt = true})), "GOOD");
    EXPECT_EQ(raw.world.keys(), "1111 1111 - -");
}

TEST(SimulatedLun, OfLioHidesDescriptorsThatDoNotFit) {
    Raw raw(kLio);
    raw.answer(0, reg(0, K));
    raw.answer(1, reg(0, K));
    std::vector<std::uint8_t> data(60);
    raw.world.paths.send(0, {Cdb::persistent_reserve_in(PrInAction::ReadFullStatus, 60), {}, data});
    const auto status = ReadFullStatusData::parse(ConstBytes(data).first(56));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->descriptors.size(), 1U);
    EXPECT_FALSE(status->truncated);
    EXPECT_EQ(raw.answer(0, read(PrInAction::ReadKeys, 7)), "5/24/00");
}

TEST(SimulatedLun, OfLioWithoutItsDirectoryRegistersAndSaysThatItDidNot) {
    Raw raw(kLio);
    raw.world.lun.lose_aptpl_directory();
    EXPECT_EQ(raw.answer(0, reg(0, K)), "2/08/00");
    EXPECT_EQ(raw.world.keys(), "1111 -");
}

TEST(SimulatedLun, ReservedTheOldWayRefusesEveryPersistentReservation) {
    Raw raw(kLio);
    raw.world.lun.reserve6(World::other_nexus());
    EXPECT_EQ(raw.answer(0, reg(0, K)), "CONFLICT");
    EXPECT_EQ(raw.answer(0, read_keys()), "CONFLICT");
    EXPECT_EQ(raw.answer(0, {}), "GOOD");
    EXPECT_FALSE(raw.world.lun.allows_write(raw.world.paths.nexus(0)));
    raw.world.lun.release6();
    EXPECT_EQ(raw.answer(0, read_keys()), "GOOD");
}

TEST(SimulatedLun, TestUnitReadyTakesAUnitAttention) {
    Raw raw(kSpc);
    raw.answer(0, reg(0, K));
    raw.world.other(reg(0, J));
    raw.world.other(clear(J));
    EXPECT_EQ(raw.world.lun.pending(raw.world.paths.nexus(0)), "6/2a/03");
    EXPECT_EQ(raw.answer(0, {}), "6/2a/03");
    EXPECT_EQ(raw.answer(0, {}), "GOOD");
}

TEST(SimulatedPaths, ThatAreDownReachNothing) {
    Raw raw(kSpc);
    raw.world.paths.become(0, Health::kUnnoticed);
    EXPECT_TRUE(raw.world.paths.usable(0));
    EXPECT_EQ(raw.delivery(0, reg(0, K)), Delivery::Unreachable);
    raw.world.paths.refresh();
    EXPECT_FALSE(raw.world.paths.usable(0));
    EXPECT_EQ(raw.delivery(0, reg(0, K)), Delivery::Unreachable);
    EXPECT_EQ(raw.world.keys(), "- -");
}

TEST(SimulatedPaths, AreRenumberedWhenTheMapChanges) {
    Raw raw({Dialect::kSpc, 4, true});
    raw.world.paths.become(1, Health::kRemoved);
    EXPECT_EQ(raw.world.paths.count(), 4U);
    raw.world.paths.refresh();
    EXPECT_EQ(raw.world.paths.count(), 3U);
    EXPECT_EQ(raw.world.paths.name(1), "8:32");
    EXPECT_EQ(raw.world.paths.ports(1)->initiator_port, raw.world.paths.nexus(2).initiator_port);
}

TEST(SimulatedPaths, KeepPortsToThemselvesIfTheTransportDoes) {
    EXPECT_EQ(Raw({Dialect::kSpc, 2, false}).world.paths.ports(0), std::nullopt);
}

TEST(SimulatedPaths, FaultsHappenOnceToTheCommandThatTheyAreMeantFor) {
    Raw raw(kSpc);
    raw.world.paths.fail(1, fault("6/29/00"));
    EXPECT_EQ(raw.answer(0, reg(0, K)), "GOOD");
    EXPECT_EQ(raw.answer(1, reg(0, K)), "6/29/00");
    EXPECT_EQ(raw.world.keys(), "1111 -");
    EXPECT_EQ(raw.answer(1, reg(0, K)), "GOOD");
}

TEST(SimulatedPaths, LoseTheCommandOrTheAnswer) {
    Raw raw(kSpc);
    raw.fail_next(fault("unreachable, not executed"));
    EXPECT_EQ(raw.delivery(0, reg(0, K)), Delivery::Unreachable);
    EXPECT_EQ(raw.world.keys(), "- -");
    raw.fail_next(fault("timeout, executed"));
    EXPECT_EQ(raw.delivery(0, reg(0, K)), Delivery::TimedOut);
    EXPECT_EQ(raw.world.keys(), "1111 -");
    raw.fail_next(fault("unreachable, executed, path dead"));
    EXPECT_EQ(raw.delivery(1, reg(0, K)), Delivery::Unreachable);
    EXPECT_EQ(raw.world.keys(), "1111 1111");
    EXPECT_FALSE(raw.world.paths.online(1));
}

TEST(SimulatedPaths, ExecuteLateWhatHung) {
    Raw raw(kSpc);
    raw.fail_next(fault("timeout, executed later"));
    EXPECT_EQ(raw.delivery(0, reg(0, K)), Delivery::TimedOut);
    EXPECT_FALSE(raw.world.paths.usable(0));
    EXPECT_EQ(raw.world.keys(), "- -");
    raw.world.paths.settle();
    EXPECT_EQ(raw.world.keys(), "1111 -");
    EXPECT_TRUE(raw.world.paths.usable(0));
}

TEST(SimulatedPaths, ARegistrationDoneBeforeIsAConflictWithACause) {
    Raw raw(kSpc);
    raw.fail_next(fault("done before"));
    EXPECT_EQ(raw.answer(0, reg(0, K)), "CONFLICT");
    EXPECT_EQ(raw.world.keys(), "1111 -");
}

TEST(Interruption, StopsTheWorldBeforeOrAfterACommand) {
    for (const bool after : {false, true}) {
        Raw raw(kSpc);
        raw.world.interruption.at(after ? 1 : 0);
        EXPECT_THROW(raw.send(0, reg(0, K)), Death);
        EXPECT_EQ(raw.world.keys(), after ? "1111 -" : "- -");
    }
}

TEST(Writer, SeesAWriteThatFailsInBetween) {
    Raw raw(kSpc);
    World& world = raw.world;
    raw.answer(0, reg(0, K));
    raw.answer(1, reg(0, K));
    raw.answer(0, reserve(K, 5));
    world.writer.expect_to_write();
    raw.answer(1, reg(K, 0));
    EXPECT_EQ(world.writer.complaints().substr(0, 27), "a write through path 1 fail");
}

TEST(Multipathd, RegistersAReturningPathIfTheKeyIsKnown) {
    for (const bool known : {true, false}) {
        Raw raw(kSpc);
        raw.world.manager.set_key({{K}, false});
        raw.world.manager.set_registered({});
        if (known) raw.answer(0, reg(0, K));
        raw.world.paths.become(1, Health::kOffline);
        raw.world.path_returns(1);
        EXPECT_EQ(raw.world.keys(), known ? "1111 1111" : "- -");
    }
}

TEST(World, ComparesWithAGuestThatIsOneNexus) {
    Raw raw(kSpc);
    World& world = raw.world;
    std::vector<std::uint8_t> list = reg(0, K).list;
    world.reference.execute(world.guest_nexus(), reg(0, K).cdb, list, {});
    EXPECT_NE(world.difference(), "");
    raw.answer(0, reg(0, K));
    EXPECT_NE(world.difference(), "");
    raw.answer(1, reg(0, K));
    EXPECT_EQ(world.difference(), "");
    world.other(reg(0, J));
    world.other(reserve(J, 5));
    EXPECT_EQ(world.difference(), "");
    world.behind_the_back(0, preempt(K, J, 5));
    EXPECT_EQ(world.difference(),
              "0 foreign registrations instead of 1; "
              "the guest (5) holds instead of sas,50014050000000b0 (5); ");
}

}  // namespace
}  // namespace prh::multipath
