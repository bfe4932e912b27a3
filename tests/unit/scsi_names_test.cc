// SPDX-License-Identifier: MIT
// The words for codes: those of the standards, as sg3_utils has them too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "scsi/names.h"
#include "unit/sg_oracle.h"

namespace prh::test {
namespace {

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char character) { return static_cast<char>(std::toupper(character)); });
    return text;
}

TEST(Names, OfAdditionalSenseAreThoseOfSg3Utils) {
    unsigned known = 0;
    for (unsigned asc = 0; asc < 256; ++asc)
        for (unsigned ascq = 0; ascq < 256; ++ascq) {
            const auto a = static_cast<std::uint8_t>(asc);
            const auto q = static_cast<std::uint8_t>(ascq);
            const std::string ours(additional_sense_name(a, q));
            if (ours.empty()) continue;
            ++known;
            EXPECT_EQ(ours, upper(sg_additional_sense(a, q))) << asc << "/" << ascq;
        }
    EXPECT_GT(known, 40U);
}

TEST(Names, ExistForEverySenseThatWeSend) {
    for (const SenseCode code :
         {sense::kReservationsPreempted, sense::kReservationsReleased, sense::kRegistrationsPreempted,
          sense::kPowerOnOccurred, sense::kParameterListLengthError, sense::kInvalidOpcode,
          sense::kInvalidFieldInCdb, sense::kInvalidFieldInParameterList,
          sense::kInvalidReleaseOfPersistentReservation, sense::kInsufficientRegistrationResources,
          sense::kIoProcessTerminated, sense::kCommunicationFailure, sense::kInternalTargetFailure})
        EXPECT_NE(additional_sense_name(code.asc, code.ascq), "");
}

TEST(Names, OfSenseKeysAreThoseOfSg3Utils) {
    for (std::uint8_t key = 0; key < 16; ++key) {
        if (key == 0x9 || key == 0xC) continue;  // vendor specific; reserved since SPC-3
        EXPECT_EQ(name(static_cast<SenseKey>(key)), upper(sg_sense_key(key)));
    }
    EXPECT_EQ(name(SenseKey{0xC}), "?");
}

TEST(Names, OfStatusAreThoseOfSg3Utils) {
    for (const ScsiStatus status : {ScsiStatus::Good, ScsiStatus::CheckCondition, ScsiStatus::ConditionMet,
                                    ScsiStatus::Busy, ScsiStatus::ReservationConflict,
                                    ScsiStatus::TaskSetFull, ScsiStatus::AcaActive, ScsiStatus::TaskAborted})
        EXPECT_EQ(name(status), upper(sg_status(static_cast<std::uint8_t>(status))));
    EXPECT_EQ(name(ScsiStatus{0x22}), "?");
}

TEST(Names, OfServiceActionsAreThoseOfSg3Utils) {
    for (std::uint8_t action = 0; action < 4; ++action)
        EXPECT_EQ("PERSISTENT RESERVE IN, " + std::string(name(static_cast<PrInAction>(action))),
                  upper(sg_command(kPersistentReserveIn, action)));
    for (std::uint8_t action = 0; action < 8; ++action)
        EXPECT_EQ("PERSISTENT RESERVE OUT, " + std::string(name(static_cast<PrOutAction>(action))),
                  upper(sg_command(kPersistentReserveOut, action)));
    EXPECT_EQ(name(PrInAction{4}), "?");
    EXPECT_EQ(name(PrOutAction{8}), "?");
}

TEST(Names, OfTypesAreThoseOfThePersistentReserveCommands) {
    EXPECT_EQ(name(ReservationType::WriteExclusive), "Write Exclusive");
    EXPECT_EQ(name(ReservationType::ExclusiveAccess), "Exclusive Access");
    EXPECT_EQ(name(ReservationType::WriteExclusiveRegistrantsOnly), "Write Exclusive, registrants only");
    EXPECT_EQ(name(ReservationType::ExclusiveAccessRegistrantsOnly), "Exclusive Access, registrants only");
    EXPECT_EQ(name(ReservationType::WriteExclusiveAllRegistrants), "Write Exclusive, all registrants");
    EXPECT_EQ(name(ReservationType::ExclusiveAccessAllRegistrants), "Exclusive Access, all registrants");
    EXPECT_EQ(name(ReservationType{2}), "?");
}

TEST(Names, MakeSentencesOfCommandsAndResults) {
    EXPECT_EQ(to_string(ReservationKey{0x123ABC}), "0x123abc");
    EXPECT_EQ(to_string(sense::kInvalidFieldInCdb), "ILLEGAL REQUEST, INVALID FIELD IN CDB (5/24/00)");
    EXPECT_EQ(to_string(SenseCode{SenseKey::NotReady, 0xFE, 0xDC}), "NOT READY (2/fe/dc)");
    EXPECT_EQ(to_string(CommandResult::good(24)), "GOOD");
    EXPECT_EQ(to_string(CommandResult::of(ScsiStatus{0x22})), "status 0x22");
    EXPECT_EQ(to_string(CommandResult::check_condition(sense::kReservationsReleased)),
              "CHECK CONDITION: UNIT ATTENTION, RESERVATIONS RELEASED (6/2a/04)");
    EXPECT_EQ(to_string(Cdb::persistent_reserve_in(PrInAction::ReadKeys, 8192)),
              "PERSISTENT RESERVE IN, READ KEYS (0x00), allocation length 8192");
    EXPECT_EQ(to_string(Cdb::persistent_reserve_out(PrOutAction::Reserve, 5, 24)),
              "PERSISTENT RESERVE OUT, RESERVE (0x01), scope 0, type 5 (Write Exclusive, registrants only), "
              "24 bytes");
    EXPECT_EQ(to_string(Cdb::persistent_reserve_out(PrOutAction::Reserve, 2, 24)),
              "PERSISTENT RESERVE OUT, RESERVE (0x01), scope 0, type 2, 24 bytes");
    EXPECT_EQ(to_string(Cdb()), "operation code 0x00");
}

}  // namespace
}  // namespace prh::test
