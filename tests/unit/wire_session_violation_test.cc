// SPDX-License-Identifier: MIT
// What ends a connection: operation codes, lengths, and the end of the stream at every point.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "unit/wire_client.h"

namespace prh::test {
namespace {

using Lengths = std::vector<std::uint16_t>;

TEST(SessionViolation, ThreeOperationCodesAreKnown) {
    for (unsigned opcode = 0; opcode <= 0xFF; ++opcode) {
        Session session = greeted();
        CountedPipe pipe;
        const auto violation =
            feed_with(session, cdb_with_opcode(static_cast<std::uint8_t>(opcode)), pipe.take());
        const bool known = opcode == 0x5E || opcode == 0x5F || opcode == 0xFF;
        EXPECT_EQ(session.complete(), known) << opcode;
        if (known)
            EXPECT_FALSE(violation) << opcode;
        else
            EXPECT_EQ(violation, ProtocolViolation::UnknownOperationCode) << opcode;
        session = {};
        EXPECT_TRUE(pipe.closed()) << opcode;
    }
}

TEST(SessionViolation, ALengthGoesUpTo8192) {
    for (const std::uint16_t length : Lengths{0, 1, 8191, 8192}) {
        Session in = greeted(), out = greeted();
        EXPECT_FALSE(feed_with(in, in_cdb(length), CountedPipe().take())) << length;
        EXPECT_TRUE(in.complete());
        EXPECT_FALSE(feed_with(out, out_cdb(length), CountedPipe().take())) << length;
        EXPECT_EQ(out.wanted(), length);
    }
    for (const std::uint16_t length : Lengths{8193, 8448, 16384, 65535}) {
        Session in = greeted(), out = greeted();
        EXPECT_EQ(feed_with(in, in_cdb(length), CountedPipe().take()), ProtocolViolation::DataTooLong)
            << length;
        EXPECT_EQ(feed_with(out, out_cdb(length), CountedPipe().take()), ProtocolViolation::DataTooLong)
            << length;
        EXPECT_FALSE(in.complete());
        EXPECT_FALSE(out.complete());
    }
}

TEST(SessionViolation, ARequestWithoutADescriptorIsOne) {
    for (const Bytes& cdb : {in_cdb(8), out_cdb(0), out_cdb(24), cdb_with_opcode(0xFF)}) {
        Session session = greeted();
        EXPECT_EQ(session.feed(cdb), ProtocolViolation::NoDescriptor);
        EXPECT_FALSE(session.complete());
    }
}

TEST(SessionViolation, TheDescriptorOfTheRequestBeforeDoesNotCount) {
    Session session = greeted();
    CountedPipe pipe;
    EXPECT_FALSE(feed_with(session, in_cdb(8), pipe.take()));
    session.next();
    EXPECT_TRUE(pipe.closed());
    EXPECT_EQ(session.feed(in_cdb(8)), ProtocolViolation::NoDescriptor);
}

TEST(SessionViolation, TheEndOfTheStreamIsOneInsideAParameterListAlone) {
    Bytes bytes = handshake(0);
    std::set<std::size_t> cut;
    const auto append = [&](const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); };
    append(in_cdb(8));
    for (const std::size_t length : {1U, 24U}) {
        append(out_cdb(static_cast<std::uint32_t>(length)));
        for (std::size_t i = 0; i < length; ++i) cut.insert(bytes.size() + i);
        append(list_of(length));
    }
    append(cdb_with_opcode(0xFF));

    Session session;
    for (std::size_t fed = 0;; ++fed) {
        const auto violation = session.end_of_file();
        if (cut.contains(fed))
            EXPECT_EQ(violation, ProtocolViolation::EndOfFileInParameterList) << "after byte " << fed;
        else
            EXPECT_FALSE(violation) << "after byte " << fed;
        if (fed == bytes.size()) break;
        if (session.complete()) session.next();
        const bool first = session.takes_descriptors() && session.wanted() == Cdb::kSize;
        const ConstBytes one = ConstBytes(bytes).subspan(fed, 1);
        ASSERT_FALSE(first ? feed_with(session, one, CountedPipe().take()) : session.feed(one));
    }
    EXPECT_TRUE(session.complete());
}

TEST(SessionViolation, EachHasWordsOfItsOwn) {
    std::set<std::string> words;
    for (const ProtocolViolation violation :
         {ProtocolViolation::UnsupportedFeatures, ProtocolViolation::NoDescriptor,
          ProtocolViolation::TooManyDescriptors, ProtocolViolation::UnknownOperationCode,
          ProtocolViolation::DataTooLong, ProtocolViolation::EndOfFileInParameterList})
        words.emplace(describe(violation));
    EXPECT_EQ(words.size(), 6U);
    EXPECT_FALSE(words.contains("?"));
    for (const char* known : {"No file descriptor in request.", "Invalid CDB, closing socket.",
                              "Unexpected end-of-file before all data were read"})
        EXPECT_TRUE(words.contains(known)) << "administrators look for it: " << known;
}

TEST(SessionViolation, FeedingMoreThanIsWantedIsABugOfOurs) {
    EXPECT_DEATH(
        {
            Session session;
            session.feed(list_of(5));
        },
        "check failed");
}

}  // namespace
}  // namespace prh::test
