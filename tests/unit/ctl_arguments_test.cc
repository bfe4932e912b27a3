// SPDX-License-Identifier: MIT
// The command line: what each word becomes, and what is said where one is wrong.
#include <gtest/gtest.h>

#include "ctl/arguments.h"

namespace prh::ctl {
namespace {

using Words = std::vector<std::string>;

Arguments understood(const Words& words) {
    const auto parsed = parse_arguments(words);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    return std::get<Arguments>(*parsed);
}

std::string refused(const Words& words) {
    const auto parsed = parse_arguments(words);
    if (parsed) return "(understood)";
    EXPECT_EQ(parsed.error().exit_code, ExitCode::SyntaxError);
    return parsed.error().message;
}

std::string information(const Words& words) {
    const auto parsed = parse_arguments(words);
    if (!parsed || !std::holds_alternative<Information>(*parsed)) return "(none)";
    return std::get<Information>(*parsed).text;
}

TEST(CtlArguments, DefaultsAreTheDaemons) {
    const Arguments arguments = understood({"ping"});
    EXPECT_EQ(arguments.common.socket, "/var/run/qemu-pr-helper.sock");
    EXPECT_EQ(arguments.common.timeout, std::chrono::seconds(60));
    EXPECT_EQ(arguments.verb, nullptr);
    EXPECT_EQ(arguments.format(), Format::Text);
}

TEST(CtlArguments, EveryVerbIsUnderstood) {
    for (const Verb& verb : verbs()) {
        Words words{std::string(verb.name), "/dev/sdb"};
        if (verb.takes(Parameter::ReservationKey)) words.push_back("--param-rk=1");
        if (verb.takes(Parameter::ServiceActionKey)) words.push_back("--param-sark=2");
        if (verb.takes(Parameter::Type)) words.push_back("--prout-type=5");
        if (verb.takes(Parameter::TransportId)) words.push_back("--transport-id=sas,5000c50005b32001");
        const Arguments arguments = understood(words);
        EXPECT_EQ(arguments.verb, &verb);
        EXPECT_EQ(arguments.reservation.device, "/dev/sdb");
    }
}

TEST(CtlArguments, ShortOptionsAreThoseOfSgPersist) {
    const ReservationOptions options =
        understood({"register-move", "-K", "123abc", "-S456def", "-T", "7", "-Z", "-U", "-Q", "1f", "-X",
                    "sas,5000c50005b32001", "-y", "/dev/sdb"})
            .reservation;
    EXPECT_EQ(options.key, ReservationKey{0x123ABC});
    EXPECT_EQ(options.service_action_key, ReservationKey{0x456DEF});
    EXPECT_EQ(options.type, ReservationType::WriteExclusiveAllRegistrants);
    EXPECT_TRUE(options.aptpl);
    EXPECT_TRUE(options.unregister);
    EXPECT_TRUE(options.readonly);
    EXPECT_EQ(options.relative_target_port, 0x1F);
    EXPECT_EQ(options.transport_ids, Words{"sas,5000c50005b32001"});
    EXPECT_TRUE(understood({"register", "-S1", "-Y", "/dev/sdb"}).reservation.all_target_ports);
    EXPECT_TRUE(understood({"read-keys", "-H", "/dev/sdb"}).reservation.hex);
    EXPECT_EQ(understood({"read-keys", "-l", "100", "/dev/sdb"}).reservation.allocation_length, 0x100);
}

TEST(CtlArguments, OptionsOfEveryCommandStandBeforeOrAfterTheVerb) {
    for (const Words& words : {Words{"--socket=/a", "--json", "--timeout=5", "read-keys", "/dev/sdb"},
                               Words{"read-keys", "--socket=/a", "/dev/sdb", "--timeout", "5", "--json"}}) {
        const Arguments arguments = understood(words);
        EXPECT_EQ(arguments.common.socket, "/a");
        EXPECT_EQ(arguments.common.timeout, std::chrono::seconds(5));
        EXPECT_EQ(arguments.format(), Format::Json);
    }
}

TEST(CtlArguments, TransportIdsAreGivenOneByOne) {
    const Arguments arguments =
        understood({"register", "-S", "1", "-X", "sas,1", "--transport-id", "-", "-X", "file=x", "/dev/sdb"});
    EXPECT_EQ(arguments.reservation.transport_ids, (Words{"sas,1", "-", "file=x"}));
    EXPECT_EQ(arguments.reservation.device, "/dev/sdb");
}

TEST(CtlArguments, ADeviceMayBeNamedLikeAVerbOrAnOption) {
    EXPECT_EQ(understood({"read-keys", "register"}).reservation.device, "register");
    EXPECT_EQ(understood({"read-keys", "--", "--json"}).reservation.device, "--json");
}

TEST(CtlArguments, WhatIsWrongIsNamed) {
    EXPECT_EQ(refused({}), "a verb is missing (see 'prhelperctl --help')");
    EXPECT_EQ(refused({"foo"}), "'foo' is not a verb (see 'prhelperctl --help')");
    EXPECT_EQ(refused({"read-keys"}), "DEVICE is required (see 'prhelperctl read-keys --help')");
    EXPECT_EQ(refused({"read-keys", "a", "b"}),
              "unexpected argument 'b' (see 'prhelperctl read-keys --help')");
    EXPECT_EQ(refused({"reserve", "--param-r=1", "/dev/sdb"}),
              "reserve has no option '--param-r=1' (see 'prhelperctl reserve --help')");
    EXPECT_EQ(refused({"--sock", "/a", "ping"}),
              "the program has no option '--sock' (see 'prhelperctl --help')");
    EXPECT_EQ(refused({"reserve", "--param-rk=1", "/dev/sdb"}),
              "--prout-type is required (see 'prhelperctl reserve --help')");
    EXPECT_EQ(refused({"clear", "-K1", "-K2", "/dev/sdb"}),
              "--param-rk is given more than once (see 'prhelperctl clear --help')");
    EXPECT_EQ(refused({"clear", "/dev/sdb", "-K"}),
              "--param-rk needs a value (see 'prhelperctl clear --help')");
    EXPECT_EQ(refused({"--socket=", "ping"}), "--socket needs a value (see 'prhelperctl --help')");
    EXPECT_EQ(
        refused({"clear", "--param-rk=zz", "/dev/sdb"}),
        "--param-rk: 'zz' is not a reservation key: give 1 to 16 hexadecimal digits, for example 123abc");
}

TEST(CtlArguments, AVerbTakesOnlyTheParametersThatItHas) {
    EXPECT_NE(refused({"release", "-K1", "-T5", "--param-sark=1", "/dev/sdb"}).find("no option"),
              std::string::npos);
    EXPECT_NE(refused({"read-keys", "--param-rk=1", "/dev/sdb"}).find("no option"), std::string::npos);
    EXPECT_NE(refused({"clear", "-K1", "--hex", "/dev/sdb"}).find("no option"), std::string::npos);
}

TEST(CtlArguments, FormatsExcludeOneAnother) {
    for (const Words& words :
         {Words{"--json", "read-keys", "--hex", "/dev/sdb"}, Words{"read-keys", "--raw", "--hex", "/dev/sdb"},
          Words{"read-keys", "--raw", "--json", "/dev/sdb"}})
        EXPECT_NE(refused(words).find("exclude one another"), std::string::npos);
}

TEST(CtlArguments, ARefusalIsInTheFormatThatWasAskedFor) {
    EXPECT_EQ(format_of_refusal({"--json", "foo"}), Format::Json);
    EXPECT_EQ(format_of_refusal({"foo"}), Format::Text);
}

TEST(CtlArguments, HelpOfEveryVerbHasUsageAndExamples) {
    EXPECT_NE(information({"--help"}).find("Exit status"), std::string::npos);
    EXPECT_NE(information({"-h"}).find("Usage: prhelperctl"), std::string::npos);
    EXPECT_EQ(information({"--version"}).find("prhelperctl "), 0U);
    for (const Verb& verb : verbs()) {
        const std::string text = information({std::string(verb.name), "--help"});
        EXPECT_NE(text.find("Usage: prhelperctl " + std::string(verb.name) + " [OPTION]... DEVICE"),
                  std::string::npos);
        EXPECT_NE(text.find("  prhelperctl " + std::string(verb.name)), std::string::npos) << text;
        EXPECT_NE(text.find("--socket=PATH"), std::string::npos);
    }
    EXPECT_NE(information({"ping", "--help"}).find("Usage: prhelperctl ping"), std::string::npos);
}

TEST(CtlArguments, HelpFitsATerminal) {
    std::vector<Words> all{{"--help"}, {"ping", "--help"}};
    for (const Verb& verb : verbs()) all.push_back({std::string(verb.name), "--help"});
    for (const Words& words : all) {
        const std::string text = information(words);
        for (std::size_t start = 0; start < text.size();) {
            const std::size_t end = std::min(text.find('\n', start), text.size());
            EXPECT_LE(end - start, 80U) << text.substr(start, end - start);
            start = end + 1;
        }
    }
}

}  // namespace
}  // namespace prh::ctl
