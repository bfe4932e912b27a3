// SPDX-License-Identifier: MIT
// TransportIDs: bytes (SPC-4 7.6.4), the text of sg_persist(8), and sg3_utils' opinion of both.
#include <gtest/gtest.h>

#include "scsi/transport_id.h"
#include "unit/sg_oracle.h"

namespace prh::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const TransportId& id) { return {id.bytes().begin(), id.bytes().end()}; }

Bytes iscsi(std::uint8_t first, std::uint16_t additional, const std::string& text) {
    Bytes bytes(4 + std::size_t{additional});
    bytes[0] = first;
    store_be(&bytes[2], additional);
    std::copy_n(text.begin(), std::min<std::size_t>(text.size(), additional), bytes.begin() + 4);
    return bytes;
}

TEST(TransportIdTest, OfSasHasTheAddressAtFour) {
    Bytes expected = {6, 0, 0, 0, 0x50, 0x01, 0x40, 0x50, 0, 0, 0, 1};
    expected.resize(24);
    EXPECT_EQ(bytes_of(TransportId::sas(0x5001405000000001)), expected);
    EXPECT_EQ(TransportId::sas(0x5001405000000001).to_string(), "sas,5001405000000001");
}

TEST(TransportIdTest, OfFibreChannelHasThePortNameAtEight) {
    Bytes expected = {0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x01, 0x40, 0x50, 0, 0, 0, 1};
    expected.resize(24);
    EXPECT_EQ(bytes_of(TransportId::fibre_channel(0x5001405000000001)), expected);
    EXPECT_EQ(TransportId::fibre_channel(0x5001405000000001).to_string(), "fcp,5001405000000001");
}

TEST(TransportIdTest, OfIscsiIsPaddedToFourAndTwenty) {
    EXPECT_EQ(bytes_of(TransportId::iscsi("iqn.x")), iscsi(0x05, 20, "iqn.x"));
    EXPECT_EQ(bytes_of(TransportId::iscsi(std::string(19, 'n'))), iscsi(0x05, 20, std::string(19, 'n')));
    EXPECT_EQ(bytes_of(TransportId::iscsi(std::string(20, 'n'))), iscsi(0x05, 24, std::string(20, 'n')));
    EXPECT_EQ(bytes_of(TransportId::iscsi(std::string(223, 'n'))), iscsi(0x05, 224, std::string(223, 'n')));
    EXPECT_EQ(bytes_of(TransportId::iscsi("iqn.2026-01.test:a", 0x00023D000001)),
              iscsi(0x45, 36, "iqn.2026-01.test:a,i,0x00023d000001"));
    EXPECT_LE(TransportId::iscsi(std::string(223, 'n'), 1).size(), TransportId::kMaximumSize);
}

TEST(TransportIdTest, IsReadBackFromItsText) {
    for (const char* text :
         {"sas,5001405000000001", "fcp,5001405000000001", "sbp,5001405000000001", "sop,1234",
          "srp,00112233445566778899aabbccddeeff", "iqn.2026-01.test:a", "eui.02004567A425678D",
          "naa.52004567BA64678D", "iqn.2026-01.test:a,i,0x00023d000001"}) {
        const auto id = TransportId::from_string(text);
        ASSERT_TRUE(id) << text;
        EXPECT_EQ(id->to_string(), text);
        EXPECT_EQ(TransportId::parse(id->bytes()), id) << text;
    }
    EXPECT_EQ(TransportId::from_string("iqn.a,i,0x1"), TransportId::iscsi("iqn.a", 1));
    EXPECT_EQ(TransportId::from_string("SAS,5001405000000001"), std::nullopt);
}

TEST(TransportIdTest, OfAnotherProtocolIsWrittenInHexadecimal) {
    Bytes bytes(24);
    bytes[0] = 0x01;
    bytes[3] = 0x07;
    const auto id = TransportId::parse(bytes);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->to_string(), "01000007" + std::string(40, '0'));
    EXPECT_EQ(TransportId::from_string(id->to_string()), id);
}

TEST(TransportIdTest, TextThatIsNoneIsRefused) {
    for (const char* text : {"", "sas", "sas,", "sas,5001", "sas,500140500000000g", "sas,50014050000000011",
                             "sas,0x01405000000001", "fcp,-001405000000001", "iqn.a,i,0x",
                             "iqn.a,i,0x1234567890abc", "iqn.a,i,0x12z", "iqn.a,i,0x1,i,0x2", "06",
                             "0f0000000000000000000000000000000000000000000000", "host"})
        EXPECT_EQ(TransportId::from_string(text), std::nullopt) << text;
    EXPECT_EQ(TransportId::from_string("iqn." + std::string(220, 'a')), std::nullopt) << "224 bytes";
    EXPECT_EQ(TransportId::from_string("06" + std::string(50, '0')), std::nullopt) << "a byte too many";
}

TEST(TransportIdTest, TakesOnlyItsOwnBytesOfMore) {
    Bytes bytes = bytes_of(TransportId::sas(1));
    bytes.resize(100, 0xFF);
    EXPECT_EQ(TransportId::parse(bytes), TransportId::sas(1));
    bytes = bytes_of(TransportId::iscsi("iqn.a"));
    bytes.resize(100, 0xFF);
    EXPECT_EQ(TransportId::parse(bytes), TransportId::iscsi("iqn.a"));
}

TEST(TransportIdTest, ThatIsCutIsRefused) {
    for (const TransportId& id : {TransportId::sas(1), TransportId::iscsi("iqn.2026-01.test:a-long-name")})
        for (std::size_t length = 0; length < id.size(); ++length)
            EXPECT_EQ(TransportId::parse(id.bytes().first(length)), std::nullopt) << length;
}

TEST(TransportIdTest, OfAnUnknownProtocolOrFormatIsRefused) {
    Bytes bytes(300);
    for (const unsigned first :
         {0x02U, 0x07U, 0x08U, 0x09U, 0x0BU, 0x0FU, 0x40U, 0x46U, 0x80U, 0x85U, 0xC5U}) {
        bytes[0] = static_cast<std::uint8_t>(first);
        EXPECT_EQ(TransportId::parse(bytes), std::nullopt) << first;
    }
}

TEST(TransportIdTest, OfIscsiWithABadLengthOrTextIsRefused) {
    const std::string name = "iqn.2026-01.test:a";
    EXPECT_TRUE(TransportId::parse(iscsi(0x05, 20, name)));
    EXPECT_FALSE(TransportId::parse(iscsi(0x05, 16, "iqn.short")));
    EXPECT_FALSE(TransportId::parse(iscsi(0x05, 21, name))) << "no multiple of four";
    EXPECT_TRUE(TransportId::parse(iscsi(0x05, 252, name)));
    EXPECT_FALSE(TransportId::parse(iscsi(0x05, 256, name)));
    EXPECT_FALSE(TransportId::parse(iscsi(0x05, 20, std::string(20, 'n')))) << "no NUL";
    EXPECT_FALSE(TransportId::parse(iscsi(0x05, 20, ""))) << "no name";
}

TEST(TransportIdTest, OfIscsiHasAnIsidIfAndOnlyIfItsFormatSaysSo) {
    EXPECT_TRUE(TransportId::parse(iscsi(0x45, 36, "iqn.2026-01.test:a,i,0x00023d000001")));
    EXPECT_FALSE(TransportId::parse(iscsi(0x05, 36, "iqn.2026-01.test:a,i,0x00023d000001")));
    EXPECT_FALSE(TransportId::parse(iscsi(0x45, 36, "iqn.2026-01.test:a")));
}

TEST(TransportIdTest, MeansTheSameToSg3Utils) {
    EXPECT_NE(sg_transport_id(bytes_of(TransportId::sas(0x5001405000000001))).find("0x5001405000000001"),
              std::string::npos);
    EXPECT_NE(sg_transport_id(bytes_of(TransportId::fibre_channel(0x5001405000000001)))
                  .find("World Wide Name:\n50 01 40 50 00 00 00 01"),
              std::string::npos);
    EXPECT_NE(sg_transport_id(bytes_of(TransportId::iscsi("iqn.2026-01.test:a")))
                  .find("iSCSI name: iqn.2026-01.test:a\n"),
              std::string::npos);
    EXPECT_NE(sg_transport_id(bytes_of(TransportId::iscsi("iqn.2026-01.test:a", 0x00023D000001)))
                  .find("unique port id: iqn.2026-01.test:a,i,0x00023d000001\n"),
              std::string::npos);
    EXPECT_NE(sg_transport_id(bytes_of(*TransportId::from_string("srp,00112233445566778899aabbccddeeff")))
                  .find("00 11 22 33 44 55 66 77  88 99 aa bb cc dd ee ff"),
              std::string::npos);
    EXPECT_NE(sg_transport_id(bytes_of(*TransportId::from_string("sop,1234"))).find("Routing ID: 0x1234"),
              std::string::npos);
}

}  // namespace
}  // namespace prh::test
