// SPDX-License-Identifier: MIT
// Whose descriptors are whose: every one that was received is kept once or closed once.
#include <gtest/gtest.h>

#include <array>

#include "support/process.h"
#include "unit/wire_client.h"

namespace prh::test {
namespace {

TEST(SessionDescriptor, MayComeWithAnyByteOfTheCdb) {
    for (std::size_t at = 0; at < Cdb::kSize; ++at) {
        Session session = greeted();
        CountedPipe pipe;
        const Bytes cdb = in_cdb(8);
        for (std::size_t i = 0; i < cdb.size(); ++i) {
            const ConstBytes one = ConstBytes(cdb).subspan(i, 1);
            EXPECT_FALSE(i == at ? feed_with(session, one, pipe.take()) : session.feed(one));
        }
        ASSERT_TRUE(session.complete()) << "with byte " << at;
        EXPECT_TRUE(pipe.is(session.request().descriptor.ref())) << "with byte " << at;
        session.next();
        EXPECT_TRUE(pipe.closed()) << "it is closed before the answer is sent";
    }
}

TEST(SessionDescriptor, IsTakenFromTheCallerAtOnce) {
    Session session = greeted();
    CountedPipe pipe;
    std::array<UniqueFd, 1> received{pipe.take()};
    const int number = received[0].get();
    session.feed(ConstBytes(in_cdb(8)).first(1), received);
    EXPECT_FALSE(received[0].valid());
    EXPECT_EQ(session.request().descriptor.get(), number);
    EXPECT_FALSE(pipe.closed());
}

TEST(SessionDescriptor, OfAnUnfinishedRequestIsClosedWithTheSession) {
    CountedPipe pipe;
    {
        Session session = greeted();
        feed_with(session, ConstBytes(in_cdb(8)).first(1), pipe.take());
        EXPECT_FALSE(pipe.closed());
    }
    EXPECT_TRUE(pipe.closed());
}

TEST(SessionDescriptor, OfAReplacedSessionIsClosed) {
    Session session = greeted();
    CountedPipe pipe;
    feed_with(session, in_cdb(8), pipe.take());
    session = {};
    EXPECT_TRUE(pipe.closed());
    EXPECT_EQ(session.wanted(), kHandshakeSize);
}

TEST(SessionDescriptor, TwoAtOnceEndTheConnectionAndBothAreClosed) {
    CountedPipe first, second;
    {
        Session session = greeted();
        std::array<UniqueFd, 2> received{first.take(), second.take()};
        EXPECT_EQ(session.feed(in_cdb(8), received), ProtocolViolation::TooManyDescriptors);
        EXPECT_FALSE(session.complete());
        EXPECT_FALSE(received[0].valid() || received[1].valid());
    }
    EXPECT_TRUE(first.closed());
    EXPECT_TRUE(second.closed());
}

TEST(SessionDescriptor, TwoWithDifferentBytesEndTheConnectionWhenTheCdbIsWhole) {
    for (const std::size_t second_with : {2U, 8U, 15U}) {
        CountedPipe first, second;
        {
            Session session = greeted();
            const Bytes cdb = in_cdb(8);
            EXPECT_FALSE(feed_with(session, ConstBytes(cdb).first(1), first.take()));
            EXPECT_FALSE(session.feed(ConstBytes(cdb).subspan(1, second_with - 1)));
            auto violation = feed_with(session, ConstBytes(cdb).subspan(second_with, 1), second.take());
            if (second_with < 15) {
                EXPECT_FALSE(violation);
                violation = session.feed(ConstBytes(cdb).subspan(second_with + 1));
            }
            EXPECT_EQ(violation, ProtocolViolation::TooManyDescriptors);
        }
        EXPECT_TRUE(first.closed());
        EXPECT_TRUE(second.closed());
    }
}

TEST(SessionDescriptor, OfAViolationIsClosedWithTheSession) {
    for (const Bytes& cdb : {cdb_with_opcode(0), in_cdb(8193), out_cdb(8193)}) {
        CountedPipe pipe;
        {
            Session session = greeted();
            EXPECT_TRUE(feed_with(session, cdb, pipe.take()));
        }
        EXPECT_TRUE(pipe.closed());
    }
}

TEST(SessionDescriptor, OneWithTheHandshakeIsDroppedAndNotCounted) {
    Session session;
    CountedPipe lost, own;
    EXPECT_FALSE(feed_with(session, handshake(0), lost.take()));
    EXPECT_TRUE(lost.closed());
    EXPECT_FALSE(feed_with(session, in_cdb(8), own.take()));
    ASSERT_TRUE(session.complete());
    EXPECT_TRUE(own.is(session.request().descriptor.ref()));
}

TEST(SessionDescriptor, OneWithTheParameterListChangesNothing) {
    Session session = greeted();
    CountedPipe own, other;
    EXPECT_FALSE(feed_with(session, out_cdb(4), own.take()));
    EXPECT_FALSE(feed_with(session, list_of(4), other.take()));
    ASSERT_TRUE(session.complete());
    EXPECT_TRUE(own.is(session.request().descriptor.ref()));
    EXPECT_TRUE(other.closed());
}

TEST(SessionDescriptor, LostOnOurSideIsNoViolation) {
    for (const std::size_t with : {0U, 7U, 15U}) {
        Session session = greeted();
        const Bytes cdb = in_cdb(8);
        for (std::size_t i = 0; i < cdb.size(); ++i)
            EXPECT_FALSE(session.feed(ConstBytes(cdb).subspan(i, 1), {}, i == with)) << i;
        ASSERT_TRUE(session.complete());
        EXPECT_TRUE(session.request().descriptor_lost);
        EXPECT_FALSE(session.request().descriptor.valid());
        session.next();
        EXPECT_FALSE(session.request().descriptor_lost);
        EXPECT_EQ(session.feed(cdb), ProtocolViolation::NoDescriptor) << "it was lost for one request";
    }
}

TEST(SessionDescriptor, ALostOneCountsAsOne) {
    const Bytes cdb = in_cdb(8);
    {
        Session session = greeted();
        CountedPipe first;
        UniqueFd descriptor = first.take();
        EXPECT_EQ(session.feed(cdb, std::span(&descriptor, 1), true), ProtocolViolation::TooManyDescriptors);
        EXPECT_TRUE((session = {}, first.closed()));
    }
    for (const bool lost_first : {false, true}) {
        Session session = greeted();
        CountedPipe pipe;
        UniqueFd descriptor = pipe.take();
        const std::span one(&descriptor, 1);
        const ConstBytes begin = ConstBytes(cdb).first(4), rest = ConstBytes(cdb).subspan(4);
        EXPECT_FALSE(lost_first ? session.feed(begin, {}, true) : session.feed(begin, one));
        EXPECT_EQ(lost_first ? session.feed(rest, one) : session.feed(rest, {}, true),
                  ProtocolViolation::TooManyDescriptors)
            << "in another message";
    }
}

TEST(SessionDescriptor, AfterALostOneTheParameterListIsStillRead) {
    Session session = greeted();
    EXPECT_FALSE(session.feed(out_cdb(3), {}, true));
    EXPECT_EQ(session.wanted(), 3U);
    EXPECT_FALSE(session.feed(list_of(3)));
    EXPECT_TRUE(session.complete());
    EXPECT_TRUE(session.request().descriptor_lost);
}

TEST(SessionDescriptor, IsClosedOnce) {
    Session session = greeted();
    CountedPipe first, second;
    feed_with(session, in_cdb(8), first.take());
    const int number = session.request().descriptor.get();
    session.next();
    const UniqueFd other(
        ::fcntl(second.writer(), F_DUPFD_CLOEXEC, number));  // somebody else's takes its number
    ASSERT_EQ(other.get(), number);
    session.next();
    session = {};
    EXPECT_TRUE(second.is(other.ref()));
}

TEST(SessionDescriptor, NoneIsLeftAfterManyRequests) {
    const std::size_t before = open_descriptors(::getpid());
    {
        Session session = greeted();
        for (int i = 0; i < 1000; ++i) {
            CountedPipe pipe;
            ASSERT_FALSE(feed_with(session, in_cdb(8), pipe.take()));
            session.next();
        }
    }
    EXPECT_EQ(open_descriptors(::getpid()), before);
}

}  // namespace
}  // namespace prh::test
