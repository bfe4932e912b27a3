// SPDX-License-Identifier: MIT
// The bytes that keep APTPL state: whole and of this logical unit, or refused.
#include <gtest/gtest.h>

#include "emul/aptpl_image.h"
#include "unit/emul_hosts.h"

namespace prh::test {
namespace {

using Image = std::vector<std::uint8_t>;

constexpr LogicalUnitIdentity kIdentity{8, 17, 131073, 1767225600, 123456789};

AptplState sample() {
    AptplState state;
    state.activated = true;
    state.registrations = {{nexus(1), {0x11}},
                           {{TransportId::iscsi("iqn.2026-01.test:host", 0x23D000001), 7}, {0x22}}};
    state.reservation = PersistentReservation{ReservationType::ExclusiveAccess, nexus(1)};
    return state;
}

/// Bit by bit, unlike the one that is tested.
std::uint32_t crc32c(ConstBytes bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78 : 0);
    }
    return ~crc;
}

std::string error(const LogicalUnitIdentity& identity, const Image& image) {
    const auto state = decode_aptpl_image(identity, image);
    return state ? "accepted" : state.error().message;
}

TEST(AptplImage, GivesBackWhatWasEncoded) {
    AptplState state = sample();
    EXPECT_EQ(decode_aptpl_image(kIdentity, encode_aptpl_image(kIdentity, state)), state);
    state.reservation = PersistentReservation{ReservationType::WriteExclusiveAllRegistrants, std::nullopt};
    EXPECT_EQ(decode_aptpl_image(kIdentity, encode_aptpl_image(kIdentity, state)), state);
    state.reservation.reset();
    EXPECT_EQ(decode_aptpl_image(kIdentity, encode_aptpl_image(kIdentity, state)), state);
    EXPECT_EQ(decode_aptpl_image(kIdentity, encode_aptpl_image(kIdentity, {})), AptplState{});
}

TEST(AptplImage, HasTheDocumentedBytes) {
    AptplState state;
    state.activated = true;
    state.registrations = {{nexus(1), {0x1122334455667788}}};
    state.reservation = PersistentReservation{ReservationType::WriteExclusiveRegistrantsOnly, nexus(1)};
    const Image expected = {
        'P',  'R',  'H',  'A',  'P',  'T',  'P',  'L',  0,    0,    0,    1,    0, 0, 0, 96,  // frame
        0,    0,    0,    8,    0,    0,    0,    17,   0,    0,    0,    0,    0, 2, 0, 1,   // device, inode
        0,    0,    0,    0,    0x69, 0x55, 0xB9, 0x00, 0x07, 0x5B, 0xCD, 0x15,               // birth time
        1,    5,    0,    0,    0,    0,    0,    0,    0,    0,    0,    1,   // APTPL, type, holder
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0,    1,    0,    24,  // registration
        6,    0,    0,    0,    0x50, 0x01, 0x40, 0x50, 0,    0,    0,    1,    0, 0, 0, 0,
        0,    0,    0,    0,    0,    0,    0,    0,  // SAS
    };
    Image image = encode_aptpl_image(kIdentity, state);
    ASSERT_EQ(image.size(), 96U);
    image.resize(92);
    EXPECT_EQ(image, expected);
}

TEST(AptplImage, EndsWithTheCrc32cOfTheRest) {
    const Image zeros(32);
    ASSERT_EQ(crc32c(zeros), 0x8A9136AA) << "RFC 7143 appendix A.4";
    const Image image = encode_aptpl_image(kIdentity, sample());
    EXPECT_EQ(load_be<std::uint32_t>(&image[image.size() - 4]),
              crc32c(ConstBytes(image).first(image.size() - 4)));
}

TEST(AptplImage, CutAnywhereIsRefused) {
    const Image whole = encode_aptpl_image(kIdentity, sample());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Image cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_NE(error(kIdentity, cut).find("not written to its end"), std::string::npos)
            << length << ": " << error(kIdentity, cut);
    }
}

TEST(AptplImage, WithAnyByteChangedIsRefused) {
    const Image whole = encode_aptpl_image(kIdentity, sample());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const std::uint8_t change : {std::uint8_t{0x01}, std::uint8_t{0x80}, std::uint8_t{0xFF}}) {
            Image changed = whole;
            changed[i] ^= change;
            EXPECT_NE(error(kIdentity, changed), "accepted") << "byte " << i;
        }
    }
}

TEST(AptplImage, WithOneHalfOfAnotherIsRefused) {
    const Image old = encode_aptpl_image(kIdentity, sample());
    AptplState state = sample();
    state.registrations[0].key = {0x77};
    state.registrations[1].key = {0x88};
    Image torn = encode_aptpl_image(kIdentity, state);
    ASSERT_EQ(torn.size(), old.size());
    std::copy(old.begin(), old.begin() + 68, torn.begin());
    EXPECT_EQ(error(kIdentity, torn), "its checksum does not match: it was damaged or changed");
}

TEST(AptplImage, WithTrailingBytesIsRefused) {
    Image image = encode_aptpl_image(kIdentity, sample());
    image.push_back(0);
    EXPECT_EQ(error(kIdentity, image), "1 bytes follow its end");
}

TEST(AptplImage, OfAnotherFileIsRefused) {
    const Image image = encode_aptpl_image(kIdentity, sample());
    for (int field = 0; field < 5; ++field) {
        LogicalUnitIdentity other = kIdentity;
        if (field == 0) ++other.device_major;
        if (field == 1) ++other.device_minor;
        if (field == 2) ++other.inode;
        if (field == 3) ++other.birth_seconds;
        if (field == 4) ++other.birth_nanoseconds;
        EXPECT_EQ(error(other, image), "it belongs to another file than its name says");
    }
}

TEST(AptplImage, SaysWhatItIsNot) {
    EXPECT_EQ(error(kIdentity, Image(64, 'x')), "it is not a saved state of reservations");
    Image image = encode_aptpl_image(kIdentity, sample());
    image[11] = 2;
    EXPECT_EQ(error(kIdentity, image), "it is of version 2, and this program reads version 1");
}

/// An image with a right checksum whose contents no logical unit can have.
class ContradictoryImage : public testing::Test {
  protected:
    static std::string with(std::size_t offset, Image bytes) {
        Image image = encode_aptpl_image(kIdentity, sample());
        std::copy(bytes.begin(), bytes.end(), image.begin() + static_cast<std::ptrdiff_t>(offset));
        store_be(&image[image.size() - 4], crc32c(ConstBytes(image).first(image.size() - 4)));
        return error(kIdentity, image);
    }
    static constexpr const char* kContradiction = "its contents contradict each other";
};

TEST_F(ContradictoryImage, IsRefused) {
    EXPECT_EQ(with(44, {1}), "accepted") << "the checksum is right";
    EXPECT_EQ(with(44, {0}), kContradiction) << "registrations without APTPL";
    EXPECT_EQ(with(44, {2}), kContradiction) << "no bit";
    EXPECT_EQ(with(45, {2}), kContradiction) << "no type";
    EXPECT_EQ(with(45, {7}), kContradiction) << "a holder in particular of all registrants";
    EXPECT_EQ(with(45, {0}), kContradiction) << "a holder of nothing";
    EXPECT_EQ(with(46, {1}), kContradiction) << "reserved";
    EXPECT_EQ(with(48, {0, 0, 0, 2}), kContradiction) << "a holder that is not registered";
    EXPECT_EQ(with(48, {0xFF, 0xFF, 0xFF, 0xFF}), kContradiction) << "no holder";
    EXPECT_EQ(with(52, {0, 0, 0, 1}), kContradiction) << "fewer registrations than bytes";
    EXPECT_EQ(with(52, {0, 0, 0, 3}), kContradiction) << "more registrations than bytes";
    EXPECT_EQ(with(52, {0xFF, 0xFF, 0xFF, 0xFF}), kContradiction);
    EXPECT_EQ(with(56, {0, 0, 0, 0, 0, 0, 0, 0}), kContradiction) << "key zero";
    EXPECT_EQ(with(66, {0, 23}), kContradiction) << "a TransportID that is cut";
    EXPECT_EQ(with(68, {0x0F}), kContradiction) << "a TransportID of no protocol";
    EXPECT_EQ(with(69, {0x01}), kContradiction) << "a TransportID that is not canonical";
}

TEST_F(ContradictoryImage, OfTheSameNexusTwiceIsRefused) {
    AptplState state;
    state.activated = true;
    state.registrations = {{nexus(1), {0x11}}, {nexus(1), {0x22}}};
    EXPECT_EQ(error(kIdentity, encode_aptpl_image(kIdentity, state)), kContradiction);
}

}  // namespace
}  // namespace prh::test
