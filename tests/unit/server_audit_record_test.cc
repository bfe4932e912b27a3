// SPDX-License-Identifier: MIT
// A command as one line of the audit.
#include <gtest/gtest.h>

#include "scsi/pr_out_parameters.h"
#include "server/audit_record.h"

namespace prh::test {
namespace {

AuditRecord record(PrOutAction action, const std::vector<std::uint8_t>& list,
                   const CommandResult& result = CommandResult::good()) {
    AuditRecord made;
    made.time = std::chrono::system_clock::time_point(std::chrono::microseconds(1'700'000'000'000'042));
    made.peer = {7, 107, 36};
    made.peer_name = "VM db1";
    made.device = {"8:16", "sdb", {"naa.6001405aabbccdd0"}, {"3:0:0:1 naa.6001405aabbccdd0"}};
    made.paths_used = {"sdb", "sdd"};
    made.cdb = Cdb::persistent_reserve_out(action, 5, static_cast<std::uint32_t>(list.size()));
    made.parameter_list = list;
    made.result = result;
    made.queued = std::chrono::microseconds(3);
    made.on_device = std::chrono::microseconds(250);
    return made;
}

std::vector<std::uint8_t> keys(std::uint64_t key, std::uint64_t action_key, bool aptpl = false) {
    PrOutParameters parameters;
    parameters.reservation_key = {key};
    parameters.service_action_key = {action_key};
    parameters.aptpl = aptpl;
    return parameters.encode();
}

TEST(AuditRecord, SaysWhoWhatAndWhatCameOfIt) {
    const auto list = keys(0xA, 0xB);
    EXPECT_EQ(record(PrOutAction::Preempt, list).to_json(),
              R"({"time":"2023-11-14T22:13:20.000042Z","event":"out",)"
              R"("peer":{"pid":7,"uid":107,"gid":36,"name":"VM db1"},)"
              R"("device":{"number":"8:16","name":"sdb","wwids":["naa.6001405aabbccdd0"],)"
              R"("paths":["3:0:0:1 naa.6001405aabbccdd0"]},)"
              R"("paths_used":["sdb","sdd"],"action":"PREEMPT","type":5,)"
              R"("type_name":"Write Exclusive, registrants only","key":"0xa","action_key":"0xb",)"
              R"("aptpl":false,"status":"GOOD","queued_us":3,"device_us":250})");
    EXPECT_EQ(record(PrOutAction::Preempt, list).to_string(),
              "VM db1 (pid 7, uid 107): PREEMPT on 8:16 (sdb), key 0xa, service action key 0xb: GOOD");
}

TEST(AuditRecord, HasTheFlagsOfItsAction) {
    const auto list = keys(0, 0xA, true);
    const std::string text = record(PrOutAction::Register, list).to_json();
    EXPECT_NE(text.find(R"("aptpl":true)"), text.npos);
    EXPECT_EQ(text.find("type"), text.npos);
    RegisterAndMoveParameters move;
    move.unreg = true;
    move.destination = TransportId::sas(0x5001);
    const auto moving = move.encode();
    EXPECT_NE(record(PrOutAction::RegisterAndMove, moving).to_json().find(R"("aptpl":false,"unreg":true)"),
              text.npos);
}

TEST(AuditRecord, OfACleanUpSaysWhoSentIt) {
    AuditRecord made = record(PrOutAction::Register, {});
    made.cdb = Cdb::clean_up();
    EXPECT_TRUE(made.notable());
    EXPECT_TRUE(made.changed_something());
    EXPECT_EQ(made.to_json(), R"({"time":"2023-11-14T22:13:20.000042Z","event":"cleanup",)"
                              R"("peer":{"pid":7,"uid":107,"gid":36,"name":"VM db1"},)"
                              R"("device":{"number":"8:16","name":"sdb","wwids":["naa.6001405aabbccdd0"],)"
                              R"("paths":["3:0:0:1 naa.6001405aabbccdd0"]},)"
                              R"("paths_used":["sdb","sdd"],"action":"CLEAN-UP",)"
                              R"("status":"GOOD","queued_us":3,"device_us":250})");
    EXPECT_EQ(made.to_string(), "VM db1 (pid 7, uid 107): CLEAN-UP on 8:16 (sdb): GOOD");
}

/// Where the block node of the same disk could not be opened.
TEST(AuditRecord, SaysThatAClientCouldChangeWhatItSent) {
    const auto list = keys(0xA, 0);
    AuditRecord made = record(PrOutAction::Clear, list);
    made.device.kind = DeviceKind::Generic;
    made.device.name = "sg2";
    EXPECT_FALSE(made.is_unverified()) << "it went down sdb";
    made.paths_used = {"sg2"};
    EXPECT_NE(made.to_json().find(R"("aptpl":false,"unverified":true,"status":"GOOD")"), std::string::npos);
    EXPECT_EQ(made.to_string(),
              "VM db1 (pid 7, uid 107): CLEAR on 8:16 (sg2), key 0xa, service action key 0x0 (as asked; the "
              "client could change it on its way): GOOD");
}

TEST(AuditRecord, OfACutListHasNoKeys) {
    const std::vector<std::uint8_t> cut(10);
    EXPECT_EQ(record(PrOutAction::Register, cut).to_json().find("key"), std::string::npos);
}

TEST(AuditRecord, IsNotableWhereSomebodyMayHaveToExplainIt) {
    const auto list = keys(1, 2);
    for (const PrOutAction action : {PrOutAction::Preempt, PrOutAction::PreemptAndAbort, PrOutAction::Clear})
        EXPECT_TRUE(record(action, list).notable());
    EXPECT_FALSE(record(PrOutAction::Register, list).notable());
    EXPECT_TRUE(
        record(PrOutAction::Reserve, list, CommandResult::of(ScsiStatus::ReservationConflict)).notable());
}

}  // namespace
}  // namespace prh::test
