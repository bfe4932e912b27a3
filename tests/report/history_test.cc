// SPDX-License-Identifier: MIT
// What records tell of a disk, by the rules of SPC-4 5.13.
#include "report/history.h"

#include <gtest/gtest.h>

namespace prh::ctl::test {
namespace {

class HistoryTest : public ::testing::Test {
  protected:
    /// One command a microsecond, GOOD unless said otherwise.
    void send(const std::string& who, const std::string& action, const std::string& key,
              const std::string& action_key = "0x0", int type = 0, const std::string& status = "GOOD") {
        AuditEvent event;
        event.time = ++now_;
        event.host = "host";
        event.name = who;
        event.device = "sdb";
        event.number = "8:16";
        event.paths = {"2:0:0:" + who + " naa.1"};
        event.action = action;
        event.key = key;
        event.action_key = action_key;
        event.type = type;
        event.status = status;
        event.sent = sent_;
        history_.add(event);
    }
    void register_both() {
        send("1", "REGISTER", "0x0", "0xa");
        send("2", "REGISTER AND IGNORE EXISTING KEY", "0x0", "0xb");
    }
    /// "1 0xa 1-3 unregistered"
    static std::string text(const History& history, const Span& span) {
        return history.rows()[span.row].who + " " + span.key + " " + std::to_string(span.from) + "-" +
               (span.until ? std::to_string(*span.until) + " " + span.end : "") +
               (span.inferred ? " inferred" : "");
    }
    std::vector<std::string> registrations() const {
        std::vector<std::string> texts;
        for (const Span& span : history_.registrations()) texts.push_back(text(history_, span));
        return texts;
    }
    std::vector<std::string> holdings() const {
        std::vector<std::string> texts;
        for (const Span& span : history_.holdings()) texts.push_back(text(history_, span));
        return texts;
    }
    using Texts = std::vector<std::string>;

    History history_;
    std::int64_t now_ = 0;
    bool sent_ = false;
};

TEST_F(HistoryTest, RegistrationsLastUntilTheyAreTakenBack) {
    register_both();
    send("1", "REGISTER", "0xa", "0x0");
    EXPECT_EQ(registrations(), (Texts{"1 0xa 1-3 unregistered", "2 0xb 2-"}));
}

TEST_F(HistoryTest, AKeyThatIsChangedIsAnotherRegistration) {
    send("1", "REGISTER", "0x0", "0xa");
    send("1", "REGISTER", "0xa", "0xc");
    send("1", "REGISTER", "0xc", "0xc");
    EXPECT_EQ(registrations(), (Texts{"1 0xa 1-2 key changed", "1 0xc 2-"}));
}

TEST_F(HistoryTest, OneReservesAndReleases) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("1", "RELEASE", "0xa", "0x0", 5);
    EXPECT_EQ(holdings(), Texts{"1 0xa 3-5 released by 1"});
}

TEST_F(HistoryTest, WhatIsRefusedChangesNothing) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("2", "RESERVE", "0xb", "0x0", 5, "RESERVATION CONFLICT");
    send("2", "PREEMPT", "0xb", "0xa", 5, "CHECK CONDITION");
    EXPECT_EQ(holdings(), Texts{"1 0xa 3-"});
    EXPECT_EQ(registrations().size(), 2U);
}

TEST_F(HistoryTest, APreemptionTakesRegistrationAndReservation) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("2", "PREEMPT AND ABORT", "0xb", "0xa", 6);
    EXPECT_EQ(registrations(), (Texts{"1 0xa 1-4 preempted by 2", "2 0xb 2-"}));
    EXPECT_EQ(holdings(), (Texts{"1 0xa 3-4 preempted by 2", "2 0xb 4-"}));
    EXPECT_EQ(history_.holdings().back().type, 6);
}

TEST_F(HistoryTest, APreemptionOfWhoDoesNotHoldTakesTheRegistrationAlone) {
    register_both();
    send("2", "RESERVE", "0xb", "0x0", 5);
    send("2", "PREEMPT", "0xb", "0xa", 5);
    EXPECT_EQ(holdings(), Texts{"2 0xb 3-"});
    EXPECT_EQ(registrations()[0], "1 0xa 1-4 preempted by 2");
}

TEST_F(HistoryTest, AReservationOfAllRegistrantsEndsWithTheLast) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 8);
    send("1", "REGISTER", "0xa", "0x0");
    EXPECT_EQ(holdings(), Texts{"1 0xa 3-"});
    send("2", "REGISTER", "0xb", "0x0");
    EXPECT_EQ(holdings(), Texts{"1 0xa 3-5 its holder unregistered"});
}

TEST_F(HistoryTest, ItsPreemptionByKeyZeroTakesEverybodyElse) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 7);
    send("2", "PREEMPT", "0xb", "0x0", 7);
    EXPECT_EQ(registrations(), (Texts{"1 0xa 1-4 preempted by 2", "2 0xb 2-"}));
    EXPECT_EQ(holdings(), (Texts{"1 0xa 3-4 preempted by 2", "2 0xb 4-"}));
}

TEST_F(HistoryTest, ACleanUpUnregistersWhereItWasSentToADisk) {
    register_both();
    send("1", "CLEAN-UP", "");
    EXPECT_EQ(registrations(), (Texts{"1 0xa 1-", "2 0xb 2-"})) << "one path: nothing was sent";
    sent_ = true;
    send("1", "CLEAN-UP", "");
    send("3", "CLEAN-UP", "");
    EXPECT_EQ(registrations(), (Texts{"1 0xa 1-4 unregistered", "2 0xb 2-"}));
}

TEST_F(HistoryTest, AHolderThatUnregistersGivesItUp) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("1", "REGISTER", "0xa", "0x0");
    EXPECT_EQ(holdings(), Texts{"1 0xa 3-4 its holder unregistered"});
}

TEST_F(HistoryTest, ClearEndsEverything) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("2", "CLEAR", "0xb");
    EXPECT_EQ(registrations(), (Texts{"1 0xa 1-4 cleared by 2", "2 0xb 2-4 cleared by 2"}));
    EXPECT_EQ(holdings(), Texts{"1 0xa 3-4 cleared by 2"});
}

TEST_F(HistoryTest, WhatMustHaveBeenBeforeIsInferred) {
    send("2", "REGISTER", "0x0", "0xb");
    send("1", "RESERVE", "0xa", "0x0", 5);
    EXPECT_EQ(registrations(), (Texts{"2 0xb 1-", "1 0xa 1- inferred"}));
}

TEST_F(HistoryTest, WhoPreemptsAnUnknownHolderMayHoldNow) {
    send("2", "PREEMPT", "0xb", "0xdead", 5);
    EXPECT_EQ(holdings(), Texts{"2 0xb 1- inferred"});
}

TEST_F(HistoryTest, AReservationThatEndedUnseenEndsWhereTheNextBegins) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("2", "RESERVE", "0xb", "0x0", 5);
    EXPECT_EQ(holdings(), (Texts{"1 0xa 3-4 ended by a command that the records do not have", "2 0xb 4-"}));
}

TEST_F(HistoryTest, AMoveEndsWhatCanBeSeenOfIt) {
    register_both();
    send("1", "RESERVE", "0xa", "0x0", 5);
    send("1", "REGISTER AND MOVE", "0xa", "0xc");
    EXPECT_EQ(holdings(), Texts{"1 0xa 3-4 moved to another initiator port by 1"});
}

}  // namespace
}  // namespace prh::ctl::test
