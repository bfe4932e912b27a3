// SPDX-License-Identifier: MIT
// Rows 54-59, 64-70, 77 and 78 of the table: parameters, READ FULL STATUS, REGISTER AND MOVE, the medium, and
// paths and multipathd that are not there.
#include "multipath/row.h"

namespace prh::multipath {
namespace {

class OtherRow : public Row {
  protected:
    void other_holds(std::uint8_t type) {
        other(reg(0, J));
        other(reserve(J, type));
    }
};
INSTANTIATE_TEST_SUITE_P(Map, OtherRow, testing::ValuesIn(every_setting()), setting_name);

TEST_P(OtherRow, R54AListOfAWrongLengthIsRefused) {
    for (const std::size_t length : {0U, 8U, 23U, 28U}) {
        const auto bytes = static_cast<std::uint32_t>(length);
        for (int action = 0; action < 7; ++action)
            gives("5/1a/00", {Cdb::persistent_reserve_out(static_cast<PrOutAction>(action), 5, bytes),
                              std::vector<std::uint8_t>(length)});
    }
    state(0, {}, "none");
}

TEST_P(OtherRow, R55AnUnknownServiceActionIsRefused) {
    good(reg(0, K));
    for (const int action : {0x08, 0x1F})
        gives("5/24/00",
              {Cdb::persistent_reserve_out(static_cast<PrOutAction>(action), 0, 24), reg(K, 0).list});
    for (const int action : {0x04, 0x1F}) gives("5/24/00", read(static_cast<PrInAction>(action), 24));
    state(K, {}, "none");
}

TEST_P(OtherRow, R56To59WhatIsReadPassesUnchangedAtEveryLength) {
    good(reg(0, K));
    good(reserve(K, 5));
    for (int action = 0; action < 4; ++action)
        for (const std::uint16_t length :
             std::vector<std::uint16_t>{0, 4, 6, 7, 8, 12, 16, 21, 22, 24, 60, 255, 8192}) {
            const GuestCommand command = read(static_cast<PrInAction>(action), length);
            SCOPED_TRACE(command.to_string());
            std::vector<std::uint8_t> direct(length);
            const CommandResult expected = world.lun.execute(world.paths.nexus(0), command.cdb, {}, direct);
            direct.resize(expected.data_length);
            EXPECT_EQ(world.guest(command), test::brief(expected));
            EXPECT_EQ(world.data(), direct);
        }
}

TEST_P(OtherRow, R64FullStatusNamesEveryPathAndTheHolder) {
    good(reg(0, K));
    other(reg(0, J));
    good(reserve(K, 5));
    good(read(PrInAction::ReadFullStatus));
    const auto seen = ReadFullStatusData::parse(world.data());
    ASSERT_TRUE(seen && !seen->truncated);
    EXPECT_EQ(seen->descriptors.size(), world.paths.size() + 1);
    int holders = 0;
    for (const FullStatusDescriptor& one : seen->descriptors) holders += one.holder;
    EXPECT_EQ(holders, 1);
}

TEST_P(OtherRow, R65MovingHandsOverAndKeepsTheKeys) {
    for (const std::size_t path : {std::size_t{0}, last_path()}) {
        guest_holds_through(path);
        good(move(K, J, {World::other_nexus()}));
        state(K, {J}, "5 by 2222");
        EXPECT_FALSE(world.manager.holding());
        EXPECT_EQ(world.other(clear(J)), "GOOD");
        gives("6/2a/03", read_keys());
    }
}

TEST_P(OtherRow, R66MovingWithUnregUnregistersEveryPath) {
    for (const std::size_t path : {std::size_t{0}, last_path()}) {
        guest_holds_through(path);
        good(move(K, J, {World::other_nexus(), true}));
        state(0, {J}, "5 by 2222");
        other(clear(J));
    }
}

TEST_P(OtherRow, MovingWhatADeadPathHolds) {
    for (const bool unreg : {false, true}) {
        guest_holds_through(0);
        becomes(0, Health::kOffline);
        good(move(K, J, {World::other_nexus(), unreg}));
        state(unreg ? 0 : K, {J}, "5 by 2222");
        world.path_returns(0);
        next_change_repairs();
        state(unreg ? 0 : K, {J}, "5 by 2222");
        EXPECT_EQ(world.other(clear(J)), "GOOD");
        if (!unreg) gives("6/2a/03", read_keys());
    }
}

TEST_P(OtherRow, R67OnlyTheOneWhoHoldsMoves) {
    const GuestCommand handing_over = move(K, J, {World::other_nexus()});
    gives("CONFLICT", "2/08/00", handing_over);
    good(reg(0, K));
    gives("5/24/00", handing_over);
    other_holds(5);
    conflicts(handing_over);
    other(clear(J));
    gives("6/2a/03", read_keys());
    good(reg(0, K));
    good(reserve(K, 7));
    conflicts(handing_over);
    state(K, {}, "7 by 0");
}

TEST_P(OtherRow, R68AMoveThatIsWrongChangesNothing) {
    Nexus nowhere = World::other_nexus();
    nowhere.target_port = 0x7777;
    guest_holds_through(0);
    gives("5/26/00", move(K, J, {world.guest_nexus()}));
    gives("5/26/00", move(K, J, {nowhere}));
    gives("5/26/00", move(K, 0, {World::other_nexus()}));
    conflicts(move(kWrongKey, J, {World::other_nexus()}));
    state(K, {}, "5 by 1111");
}

TEST_P(OtherRow, R69WhereAnotherReservedTheOldWayEverythingIsAConflict) {
    for (SimulatedLun* const lun : {&world.lun, &world.reference}) lun->reserve6(World::other_nexus());
    for (const GuestCommand& command :
         {reg(0, K), reg_ignore(0, K), read_keys(), reserve(K, 5), release(K, 5), clear(K), preempt(K, J, 5),
          preempt(K, K, 5), reg(K, 0), reg_ignore(0, 0), move(K, J, {World::other_nexus()})})
        conflicts(command);
    for (SimulatedLun* const lun : {&world.lun, &world.reference}) lun->release6();
    state(0, {}, "none");
}

TEST_P(OtherRow, R70EveryPathWritesAndTheOtherHostDoesNot) {
    good(reg(0, K));
    good(reserve(K, 6));
    for (std::size_t i = 0; i < world.paths.size(); ++i)
        EXPECT_TRUE(world.lun.allows_write(world.paths.nexus(i)));
    EXPECT_FALSE(world.lun.allows_write(World::other_nexus()));
}

TEST_P(OtherRow, R77WithoutAnyPathTheHostIsToBlame) {
    for (const Health health : {Health::kOffline, Health::kUnnoticed})
        for (const GuestCommand& command :
             {reg(0, K), reg_ignore(0, K), read_keys(), reserve(K, 5), release(K, 5), clear(K),
              preempt(K, J, 5), preempt(K, K, 5), reg(K, 0), move(K, J, {World::other_nexus()})}) {
            for (std::size_t i = 0; i < world.paths.size(); ++i) becomes(i, health);
            EXPECT_EQ(world.guest_again(command), "b/08/00") << command.to_string();
        }
    for (std::size_t i = 0; i < world.paths.size(); ++i) becomes(i, Health::kOnline);
    state(0, {}, "none");
    good(reg(0, K));
    state(K, {}, "none");
}

TEST_P(OtherRow, ARecordThatCannotBeKeptIsNoReasonToFail) {
    world.store.keep_nothing();
    guest_holds_through(last_path());
    good(preempt(K, K, 6));
    good(release(K, 6));
    good(reg(K, 0));
    state(0, {}, "none");
}

}  // namespace
}  // namespace prh::multipath
