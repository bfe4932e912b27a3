// SPDX-License-Identifier: MIT
// What multipathd says, version by version, and what it means.
#include "multipath/multipathd_protocol.h"

#include <gtest/gtest.h>

#include <cstring>

namespace prh::test {
namespace {

/// As it travels: with its NUL.
std::string reply(std::string_view text) { return std::string(text) + '\0'; }

MultipathdAnswer answer(std::string_view text) { return multipathd_answer(reply(text)); }

PathManager::Key key(std::uint64_t value, bool aptpl = false) { return {{value}, aptpl}; }

TEST(MultipathdFrame, IsALengthAndATextWithItsNul) {
    const auto frame = multipathd_frame("getprkey map 360014050000000000000000000000001").value();
    ASSERT_EQ(frame.size(), 8U + 47U);
    EXPECT_EQ(frame[0], 47);
    for (std::size_t i = 1; i < 8; ++i) EXPECT_EQ(frame[i], 0);
    EXPECT_STREQ(reinterpret_cast<const char*>(&frame[8]), "getprkey map 360014050000000000000000000000001");
}

TEST(MultipathdFrame, IsNoLongerThanMultipathdTakes) {
    EXPECT_EQ(multipathd_frame(std::string(511, 'x')).value().size(), 8U + 512U);
    EXPECT_FALSE(multipathd_frame(std::string(512, 'x')));
}

TEST(MultipathdFrame, LengthsThatNoReplyHasAreRefused) {
    const auto length = [](std::uint64_t value) {
        std::vector<std::uint8_t> bytes(8);
        std::memcpy(bytes.data(), &value, 8);
        return multipathd_reply_length(bytes);
    };
    EXPECT_EQ(length(1), 1U);
    EXPECT_EQ(length(65'536), 65'536U);
    EXPECT_FALSE(length(0));
    EXPECT_FALSE(length(65'537));
    EXPECT_FALSE(length(~std::uint64_t{0}));
    EXPECT_FALSE(multipathd_reply_length(std::vector<std::uint8_t>(7)));
}

TEST(MultipathdAnswers, OkIsOk) {
    EXPECT_EQ(answer("ok\n"), MultipathdAnswer::Ok);
    EXPECT_EQ(multipathd_answer("ok"), MultipathdAnswer::Ok);
    EXPECT_EQ(answer("okay\n"), MultipathdAnswer::Refused);
    EXPECT_EQ(answer("fail\nok\n"), MultipathdAnswer::Refused);
}

TEST(MultipathdAnswers, WhatIsNothingKnownIsARefusal) {
    for (const char* text : {"fail\n", "fail", "", "\n", "surprise\n"})
        EXPECT_EQ(answer(text), MultipathdAnswer::Refused) << text;
    EXPECT_EQ(multipathd_answer(""), MultipathdAnswer::Refused);
}

TEST(MultipathdAnswers, PermissionIsDeniedInThreeSpellings) {
    EXPECT_EQ(answer("permission deny: need to be root"), MultipathdAnswer::PermissionDenied) << "0.8.5";
    EXPECT_EQ(answer("permission deny: need to be root\n"), MultipathdAnswer::PermissionDenied) << "to 0.9.7";
    EXPECT_EQ(answer("fail\npermission deny: need to be root\n"), MultipathdAnswer::PermissionDenied)
        << "0.9.8";
}

TEST(MultipathdAnswers, TimeoutIsBusy) {
    EXPECT_EQ(answer("timeout\n"), MultipathdAnswer::Busy);
    EXPECT_EQ(answer("fail\ntimeout\n"), MultipathdAnswer::Busy);
}

TEST(MultipathdAnswers, HelpMeansThatTheCommandIsNotThere) {
    EXPECT_EQ(
        answer("setprhold: not found\nmultipath-tools v0.9.4 (05/03, 2022)\nCLI commands reference:\n x\n"),
        MultipathdAnswer::NotUnderstood);
    EXPECT_EQ(answer("fail\nmultipath-tools v0.9.9 (05/03, 2022)\nCLI commands reference:\n x\n"),
              MultipathdAnswer::NotUnderstood);
}

TEST(MultipathdKeys, AreHexadecimalWithOrWithoutAptpl) {
    EXPECT_EQ(multipathd_key(reply("0x123abc\n")).key, key(0x123ABC));
    EXPECT_EQ(multipathd_key(reply("0xffffffffffffffff:aptpl\n")).key, key(~std::uint64_t{0}, true));
    EXPECT_EQ(multipathd_key(reply("0x1")).key, key(1));
    EXPECT_EQ(multipathd_key(reply("0x1\n")).answer, MultipathdAnswer::Ok);
}

TEST(MultipathdKeys, NoneIsNoneAndNoFailure) {
    EXPECT_FALSE(multipathd_key(reply("none\n")).key);
    EXPECT_EQ(multipathd_key(reply("none\n")).answer, MultipathdAnswer::Ok);
    EXPECT_FALSE(multipathd_key(reply("0x0\n")).key) << "zero is no key";
}

TEST(MultipathdKeys, NothingElseIsAKey) {
    for (const char* text :
         {"0x", "0x:aptpl", "0x1:aptp", "0x1 2", "0x11112222333344445", "0xg", "123", "ok\n", "fail\n"}) {
        EXPECT_FALSE(multipathd_key(reply(text)).key) << text;
        EXPECT_EQ(multipathd_key(reply(text)).answer, MultipathdAnswer::Refused) << text;
    }
    EXPECT_EQ(multipathd_key(reply("timeout\n")).answer, MultipathdAnswer::Busy);
    EXPECT_EQ(multipathd_key(reply("permission deny: need to be root")).answer,
              MultipathdAnswer::PermissionDenied);
}

TEST(MultipathdStates, AreToldInWordsOrDigits) {
    for (const char* text : {"0", "1", "set\n", "unset\n", "unknown\n"})
        EXPECT_TRUE(multipathd_tells_state(reply(text))) << text;
    for (const char* text : {"fail\n", "", "getprhold: not found\n", "ok\n"})
        EXPECT_FALSE(multipathd_tells_state(reply(text))) << text;
}

}  // namespace
}  // namespace prh::test
