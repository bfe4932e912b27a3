// SPDX-License-Identifier: MIT
// What is sent: the CDB and the parameter list of every verb, byte for byte as SPC-4 6.15 and 6.16 have them.
#include <gtest/gtest.h>

#include "ctl/command.h"
#include "scsi/pr_out_parameters.h"

namespace prh::ctl {
namespace {

using Bytes = std::vector<std::uint8_t>;

Command command_of(std::string_view verb, const ReservationOptions& options = {},
                   std::vector<TransportId> ids = {}) {
    const Expected<Command> command = make_command(*find_verb(verb), options, std::move(ids));
    if (!command) throw std::runtime_error(command.error().message);
    return *command;
}

std::array<std::uint8_t, Cdb::kSize> out_cdb(std::uint8_t action, std::uint8_t type = 0) {
    return {0x5F, action, type, 0, 0, 0, 0, 0, 24};
}

const Bytes kKeys{0, 0, 0, 0, 0, 0x12, 0x3A, 0xBC, 0, 0, 0, 0, 0, 0x45, 0x6D, 0xEF};

Bytes list(std::uint8_t flags) {
    Bytes bytes = kKeys;
    bytes.resize(24);
    bytes[20] = flags;
    return bytes;
}

ReservationOptions both_keys() {
    ReservationOptions options;
    options.key = ReservationKey{0x123ABC};
    options.service_action_key = ReservationKey{0x456DEF};
    return options;
}

TEST(CtlCommand, ReadingVerbsAskForAllThatAReplyCarries) {
    const std::pair<const char*, std::uint8_t> verbs[] = {
        {"read-keys", 0}, {"read-reservation", 1}, {"report-capabilities", 2}, {"read-full-status", 3}};
    for (const auto& [verb, action] : verbs) {
        const Command command = command_of(verb);
        EXPECT_EQ(command.cdb.bytes(),
                  (std::array<std::uint8_t, Cdb::kSize>{0x5E, action, 0, 0, 0, 0, 0, 0x20, 0}));
        EXPECT_TRUE(command.parameter_list.empty());
    }
}

TEST(CtlCommand, AnAllocationLengthIsSentAsGiven) {
    ReservationOptions options;
    options.allocation_length = std::uint16_t{0x0102};
    const Command command = command_of("read-keys", options);
    EXPECT_EQ(command.cdb.bytes()[7], 1);
    EXPECT_EQ(command.cdb.bytes()[8], 2);
    options.allocation_length = std::uint16_t{0};
    EXPECT_EQ(command_of("read-keys", options).cdb.allocation_length(), 0);
}

TEST(CtlCommand, WritingVerbsHaveTheirServiceActionTypeAndKeys) {
    ReservationOptions options = both_keys();
    const std::pair<const char*, std::uint8_t> untyped[] = {
        {"register", 0}, {"clear", 3}, {"register-ignore", 6}};
    for (const auto& [verb, action] : untyped) {
        const Command command = command_of(verb, options);
        EXPECT_EQ(command.cdb.bytes(), out_cdb(action)) << verb;
        EXPECT_EQ(command.parameter_list, list(0)) << verb;
    }
    options.type = ReservationType::ExclusiveAccessAllRegistrants;
    const std::pair<const char*, std::uint8_t> typed[] = {
        {"reserve", 1}, {"release", 2}, {"preempt", 4}, {"preempt-abort", 5}};
    for (const auto& [verb, action] : typed) {
        const Command command = command_of(verb, options);
        EXPECT_EQ(command.cdb.bytes(), out_cdb(action, 8)) << verb;
        EXPECT_EQ(command.parameter_list, list(0)) << verb;
    }
}

TEST(CtlCommand, FlagsOfRegisterAreThoseOfSpc4) {
    ReservationOptions options = both_keys();
    options.aptpl = true;
    EXPECT_EQ(command_of("register", options).parameter_list, list(0x01));
    options.all_target_ports = true;
    EXPECT_EQ(command_of("register-ignore", options).parameter_list, list(0x05));
}

TEST(CtlCommand, RegisterWithTransportIdsSpecifiesInitiatorPorts) {
    const std::vector ids{TransportId::sas(1), TransportId::fibre_channel(2)};
    const Command command = command_of("register", both_keys(), ids);
    EXPECT_EQ(command.cdb.parameter_list_length(), 24U + 4U + 48U);
    const auto parsed = PrOutParameters::parse(command.parameter_list, PrOutAction::Register);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->spec_i_pt);
    EXPECT_EQ(parsed->transport_ids, ids);
}

TEST(CtlCommand, RegisterAndMoveNamesItsDestination) {
    ReservationOptions options = both_keys();
    options.type = ReservationType::WriteExclusive;
    options.unregister = true;
    options.aptpl = true;
    options.relative_target_port = 0x0203;
    const TransportId destination = TransportId::iscsi("iqn.2001-04.com.example:b", 7);
    const Command command = command_of("register-move", options, {destination});
    Bytes expected = kKeys;
    expected.insert(expected.end(),
                    {0, 0x03, 0x02, 0x03, 0, 0, 0, static_cast<std::uint8_t>(destination.size())});
    expected.insert(expected.end(), destination.bytes().begin(), destination.bytes().end());
    EXPECT_EQ(command.parameter_list, expected);
    EXPECT_EQ(command.cdb.service_action(), 7);
    EXPECT_EQ(command.cdb.type(), 1);
    EXPECT_EQ(command.cdb.parameter_list_length(), expected.size());
}

TEST(CtlCommand, RegisterAndMoveTakesOneTransportId) {
    ReservationOptions options = both_keys();
    options.type = ReservationType::WriteExclusive;
    for (const std::size_t count : {0U, 2U}) {
        const auto command =
            make_command(*find_verb("register-move"), options, std::vector(count, TransportId::sas(1)));
        ASSERT_FALSE(command);
        EXPECT_EQ(command.error().exit_code, ExitCode::SyntaxError);
    }
}

TEST(CtlCommand, RegisterWithoutAnyKeyIsAMistake) {
    const auto command = make_command(*find_verb("register"), {}, {});
    ASSERT_FALSE(command);
    EXPECT_EQ(command.error().exit_code, ExitCode::SyntaxError);
    ReservationOptions zero;
    zero.key = ReservationKey{};
    EXPECT_TRUE(make_command(*find_verb("register"), zero, {})) << "said in so many words, it is sent";
}

TEST(CtlCommand, MoreTransportIdsThanARequestHoldsAreRefused) {
    const auto make = [](std::size_t count) {
        return make_command(*find_verb("register"), both_keys(), std::vector(count, TransportId::sas(1)));
    };
    EXPECT_TRUE(make(340));
    ASSERT_FALSE(make(341));
    EXPECT_EQ(make(341).error().exit_code, ExitCode::SyntaxError);
}

}  // namespace
}  // namespace prh::ctl
