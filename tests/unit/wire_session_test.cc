// SPDX-License-Identifier: MIT
// A conversation byte by byte: what a session asks for at each point, and what a request is made of.
#include <gtest/gtest.h>

#include "unit/wire_client.h"
#include "wire/session.h"

namespace prh::test {
namespace {

/// Feeds one byte at a time; the descriptor comes with the first. Expects no verdict before the last.
std::optional<ProtocolViolation> feed_bytewise(Session& session, const Bytes& bytes,
                                               UniqueFd descriptor = {}) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_GE(session.wanted(), 1U) << "byte " << i;
        const ConstBytes one = ConstBytes(bytes).subspan(i, 1);
        const auto violation =
            i == 0 && descriptor.valid() ? feed_with(session, one, std::move(descriptor)) : session.feed(one);
        if (i + 1 == bytes.size()) return violation;
        EXPECT_FALSE(violation) << "byte " << i;
        EXPECT_FALSE(session.complete()) << "byte " << i;
    }
    return std::nullopt;
}

TEST(Session, BeginsWithTheHandshakeWhichTakesNoDescriptors) {
    const Session session;
    EXPECT_EQ(session.wanted(), 4U);
    EXPECT_FALSE(session.takes_descriptors());
    EXPECT_FALSE(session.complete());
    EXPECT_FALSE(session.idle()) << "a client that does not greet is waited for, with a deadline";
}

TEST(Session, AHandshakeOfKnownFeaturesIsTakenInEitherByteOrder) {
    for (const std::uint32_t features : {0x00000000U, 0x00000001U, 0x01000000U}) {
        Session session;
        EXPECT_FALSE(feed_bytewise(session, handshake(features))) << features;
        EXPECT_TRUE(session.idle());
        EXPECT_TRUE(session.takes_descriptors());
        EXPECT_EQ(session.wanted(), 16U);
    }
}

TEST(Session, AHandshakeOfAnyOtherFeatureIsAViolation) {
    std::vector<std::uint32_t> wrong{3, 0x01000001, 0x03000000, 0xFFFFFFFF, 0xFFFFFFFE};
    for (unsigned bit = 1; bit < 32; ++bit)
        if (bit != 24) wrong.push_back(1U << bit);
    for (const std::uint32_t features : wrong) {
        Session session;
        EXPECT_EQ(feed_bytewise(session, handshake(features)), ProtocolViolation::UnsupportedFeatures)
            << features;
        EXPECT_FALSE(session.complete());
    }
}

TEST(Session, PersistentReserveInIsWholeWithItsCdb) {
    Session session = greeted();
    CountedPipe pipe;
    EXPECT_FALSE(feed_bytewise(session, in_cdb(8), pipe.take()));
    ASSERT_TRUE(session.complete());
    EXPECT_EQ(bytes_of(session.request().cdb), in_cdb(8));
    EXPECT_TRUE(pipe.is(session.request().descriptor.ref()));
    EXPECT_FALSE(session.request().descriptor_lost);
    EXPECT_FALSE(session.request().cdb.is_clean_up());
    EXPECT_TRUE(session.request().parameter_list.empty());
}

TEST(Session, PersistentReserveOutIsWholeWithItsParameterList) {
    for (const std::size_t length : {1U, 24U, 8192U}) {
        Session session = greeted();
        CountedPipe pipe;
        EXPECT_FALSE(feed_with(session, out_cdb(static_cast<std::uint32_t>(length)), pipe.take()));
        EXPECT_FALSE(session.complete());
        EXPECT_FALSE(session.takes_descriptors());
        EXPECT_EQ(session.wanted(), length);
        EXPECT_FALSE(feed_bytewise(session, list_of(length)));
        ASSERT_TRUE(session.complete());
        EXPECT_EQ(session.request().parameter_list, list_of(length));
        EXPECT_TRUE(pipe.is(session.request().descriptor.ref()));
    }
}

TEST(Session, PersistentReserveOutWithoutAParameterListIsWholeWithItsCdb) {
    Session session = greeted();
    EXPECT_FALSE(feed_with(session, out_cdb(0), CountedPipe().take()));
    EXPECT_TRUE(session.complete());
    EXPECT_TRUE(session.request().parameter_list.empty());
}

TEST(Session, TheLengthIsInTwoBytesForBothOperationCodes) {
    Session session = greeted();
    EXPECT_FALSE(feed_with(session, out_cdb(0xFFFF0018), CountedPipe().take()));
    EXPECT_EQ(session.wanted(), 0x18U);
    EXPECT_FALSE(session.feed(list_of(0x18)));
    ASSERT_TRUE(session.complete());
    EXPECT_EQ(session.request().cdb.parameter_list_length(), 0xFFFF0018U) << "who executes it sees all four";
}

TEST(Session, CleanUpHasNoParameterListWhateverTheCdbSays) {
    for (const std::uint8_t filling : Bytes{0x00, 0xFF}) {
        Session session = greeted();
        Bytes cdb(Cdb::kSize, filling);
        cdb[0] = 0xFF;
        EXPECT_FALSE(feed_bytewise(session, cdb, CountedPipe().take()));
        ASSERT_TRUE(session.complete());
        EXPECT_TRUE(session.request().cdb.is_clean_up());
        EXPECT_TRUE(session.request().parameter_list.empty());
    }
}

TEST(Session, NeverWantsMoreThanThePresentElement) {
    Session session;
    const auto expect_countdown = [&](const Bytes& element, UniqueFd descriptor = {}) {
        for (std::size_t i = 0; i < element.size(); ++i) {
            ASSERT_EQ(session.wanted(), element.size() - i);
            const ConstBytes one = ConstBytes(element).subspan(i, 1);
            ASSERT_FALSE(i == 5 && descriptor.valid() ? feed_with(session, one, std::move(descriptor))
                                                      : session.feed(one));
        }
    };
    expect_countdown(handshake(1));
    for (int round = 0; round < 3; ++round) {
        expect_countdown(out_cdb(30), CountedPipe().take());
        expect_countdown(list_of(30));
        EXPECT_TRUE(session.complete());
        EXPECT_EQ(session.wanted(), 0U) << "what was sent ahead stays in the kernel";
        EXPECT_FALSE(session.takes_descriptors());
        session.next();
        expect_countdown(in_cdb(8192), CountedPipe().take());
        EXPECT_EQ(session.wanted(), 0U);
        session.next();
    }
    EXPECT_EQ(session.wanted(), 16U);
}

TEST(Session, IsIdleBetweenRequestsAlone) {
    Session session = greeted();
    EXPECT_TRUE(session.idle());
    const Bytes cdb = out_cdb(2);
    feed_with(session, ConstBytes(cdb).first(1), CountedPipe().take());
    EXPECT_FALSE(session.idle());
    session.feed(ConstBytes(cdb).subspan(1));
    EXPECT_FALSE(session.idle()) << "the parameter list is owed";
    session.feed(list_of(2));
    EXPECT_FALSE(session.idle()) << "the answer is owed";
    session.next();
    EXPECT_TRUE(session.idle());
}

TEST(Session, NothingOfARequestIsLeftForTheNext) {
    Session session = greeted();
    feed_with(session, out_cdb(24), CountedPipe().take());
    session.feed(list_of(24));
    session.next();
    EXPECT_FALSE(session.complete());
    EXPECT_FALSE(session.request().descriptor.valid());
    EXPECT_FALSE(feed_with(session, out_cdb(3), CountedPipe().take()));
    EXPECT_FALSE(session.feed(list_of(3)));
    EXPECT_EQ(session.request().parameter_list, list_of(3));
    session.next();
    EXPECT_FALSE(feed_with(session, in_cdb(8), CountedPipe().take()));
    EXPECT_TRUE(session.request().parameter_list.empty());
}

TEST(Session, AnIdleConnectionKeepsNothingLarge) {
    Session session = greeted();
    feed_with(session, out_cdb(8192), CountedPipe().take());
    session.feed(list_of(8192));
    ASSERT_EQ(session.request().parameter_list.size(), 8192U);
    session.next();
    EXPECT_LE(session.request().parameter_list.capacity(), 64U);
}

}  // namespace
}  // namespace prh::test
