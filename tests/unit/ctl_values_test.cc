// SPDX-License-Identifier: MIT
// Values of options: what is read, and that what is not wholly understood is refused with its text.
#include <gtest/gtest.h>

#include "ctl/values.h"

namespace prh::ctl {
namespace {

template <class T>
void expect_refused(const Parsed<T>& parsed, const std::string& text) {
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().find("'" + text + "'"), std::string::npos) << parsed.error();
}

TEST(CtlValues, AKeyIsHexadecimalWithOrWithoutPrefix) {
    EXPECT_EQ(parse_key("123abc")->value, 0x123ABCU);
    EXPECT_EQ(parse_key("0x123ABC")->value, 0x123ABCU);
    EXPECT_EQ(parse_key("0")->value, 0U);
    EXPECT_EQ(parse_key("ffffffffffffffff")->value, ~std::uint64_t{0});
    EXPECT_EQ(parse_key("00000000000000000001")->value, 1U) << "leading zeros";
}

TEST(CtlValues, AKeyThatIsNotWhollyHexadecimalIsRefused) {
    for (const char* text :
         {"", "0x", "zz", "12g", "-1", "+1", " 1", "1 ", "0x0x1", "1ffffffffffffffff", "1,2"})
        expect_refused(parse_key(text), text);
}

TEST(CtlValues, ATypeIsOneOfSix) {
    for (const ReservationType type : kReservationTypes)
        EXPECT_EQ(parse_type(std::to_string(static_cast<int>(type))), type);
    EXPECT_EQ(parse_type("0x5"), ReservationType::WriteExclusiveRegistrantsOnly);
    for (const char* text : {"", "0", "2", "4", "9", "f", "10", "15", "105", "we"})
        expect_refused(parse_type(text), text);
}

TEST(CtlValues, AnAllocationLengthGoesUpToAReplysMost) {
    EXPECT_EQ(parse_allocation_length("0"), 0);
    EXPECT_EQ(parse_allocation_length("10"), 0x10);
    EXPECT_EQ(parse_allocation_length("2000"), 8192);
    for (const char* text : {"", "2001", "8192", "-1", "x"})
        expect_refused(parse_allocation_length(text), text);
}

TEST(CtlValues, ARelativeTargetPortHasSixteenBits) {
    EXPECT_EQ(parse_relative_target_port("ffff"), 0xFFFF);
    for (const char* text : {"", "10000", "g"}) expect_refused(parse_relative_target_port(text), text);
}

TEST(CtlValues, ATimeoutIsDecimal) {
    EXPECT_EQ(parse_timeout("10"), std::chrono::seconds(10));
    EXPECT_EQ(parse_timeout("0"), std::chrono::seconds(0));
    EXPECT_EQ(parse_timeout("86400"), std::chrono::seconds(86400));
    for (const char* text : {"", "86401", "1.5", "-1", "1s", "99999999999999999999"})
        expect_refused(parse_timeout(text), text);
}

TEST(CtlValues, ATransportIdHasTheFormsOfSgPersist) {
    const TransportId sas = TransportId::sas(0x5000C50005B32001);
    for (const char* text : {"sas,5000c50005b32001", "SAS,5000C50005B32001", "6,0,0,0,50,0,c5,0,5,b3,20,1",
                             "6 0 0 0 50 0 c5 0 5 b3 20 1", "060000005000c50005b32001",
                             "060000005000c50005b32001000000000000000000000000"}) {
        const Parsed<TransportId> id = parse_transport_id(text);
        ASSERT_TRUE(id) << id.error();
        EXPECT_EQ(*id, sas) << text;
    }
    EXPECT_EQ(parse_transport_id("fcp,10000000c9f3a571"), TransportId::fibre_channel(0x10000000C9F3A571));
    EXPECT_EQ(parse_transport_id("iqn.2001-04.com.example:a,i,0x1234567890ab"),
              TransportId::iscsi("iqn.2001-04.com.example:a", 0x1234567890AB));
}

TEST(CtlValues, ATransportIdThatIsNotWhollyUnderstoodIsRefused) {
    for (const char* text : {"", "sas,", "sas,5000", "sas,5000c50005b3200g", "6,0,", "6,,0", "006,0", "6;0",
                             "abc", "f,0,0", "spi,1,2"})
        expect_refused(parse_transport_id(text), text);
}

TEST(CtlValues, AListOfTransportIdsHasCommentsAndEmptyLines) {
    const auto ids = parse_transport_id_lines(
        "# initiators\n\n  sas,5000c50005b32001   # the first\r\n\tfcp,10000000c9f3a571\n6,0,0,0,1\n");
    ASSERT_TRUE(ids) << ids.error();
    EXPECT_EQ(*ids, (std::vector{TransportId::sas(0x5000C50005B32001),
                                 TransportId::fibre_channel(0x10000000C9F3A571),
                                 TransportId::sas(0x0100000000000000)}));
}

TEST(CtlValues, ABadLineOfAListIsNamedByItsNumber) {
    const auto ids = parse_transport_id_lines("sas,5000c50005b32001\n\nnonsense\n");
    ASSERT_FALSE(ids);
    EXPECT_EQ(ids.error().find("line 3: 'nonsense'"), 0U) << ids.error();
}

TEST(CtlValues, AListWithoutATransportIdIsRefused) {
    EXPECT_FALSE(parse_transport_id_lines(""));
    EXPECT_FALSE(parse_transport_id_lines("# nothing\n\n"));
}

}  // namespace
}  // namespace prh::ctl
