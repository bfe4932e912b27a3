// SPDX-License-Identifier: MIT
// The TransportID that a file's name stands for.
#include <gtest/gtest.h>

#include "emul/initiator_name.h"
#include "emul/nexus.h"

namespace prh::test {
namespace {

std::string port(std::string_view name) { return initiator_port_of(name).to_string(); }

TEST(InitiatorName, IsThePathBehindAPrefix) {
    EXPECT_EQ(port("/srv/vm 1.img"), "iqn.2026-01.prhelper.emulator:/srv/vm 1.img");
}

TEST(InitiatorName, CanBeTypedAndReadBack) {
    for (const std::string& name : {std::string("/a"), std::string(193, '/'), std::string(4000, 'x'),
                                    std::string("/a,i,0xb"), std::string("/new\nline"), std::string("~")}) {
        const TransportId id = initiator_port_of(name);
        EXPECT_EQ(TransportId::from_string(id.to_string()), id) << name;
        EXPECT_EQ(TransportId::parse(id.bytes()), id) << name;
        EXPECT_EQ(canonical(id), id) << name;
        EXPECT_LE(id.to_string().size(), 223U) << name;
    }
}

TEST(InitiatorName, OfOneHundredAndNinetyThreeBytesIsWholeAndOfOneMoreIsShortened) {
    const std::string longest = "/" + std::string(192, 'a');
    EXPECT_EQ(port(longest), "iqn.2026-01.prhelper.emulator:" + longest);
    EXPECT_EQ(port(longest + "b"),
              "iqn.2026-01.prhelper.emulator:~121e9659a1c66c54~" + std::string(174, 'a') + "b");
}

TEST(InitiatorName, ShortenedKeepsLongNamesApart) {
    EXPECT_NE(port("/one/" + std::string(300, 'a')), port("/two/" + std::string(300, 'a')));
    EXPECT_NE(port("/" + std::string(300, 'a')), port("/" + std::string(301, 'a')));
}

TEST(InitiatorName, HasNoControlCharacterAndNoIsidOfItsOwn) {
    const std::string control = port("/a\nb");
    EXPECT_TRUE(control.ends_with("~/a_b")) << control;
    const std::string comma = port("/a,i,0x1");
    EXPECT_TRUE(comma.ends_with("~/a_i_0x1")) << comma;
    EXPECT_NE(port("/a,i,0x1"), port("/a_i_0x1"));
}

}  // namespace
}  // namespace prh::test
