// SPDX-License-Identifier: MIT
// However a conversation is cut into pieces on its way, the same requests come out of it.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "support/process.h"
#include "unit/wire_client.h"

namespace prh::test {
namespace {

struct Seen {
    Bytes cdb;
    Bytes parameter_list;
    std::size_t pipe;  // which one its descriptor is

    friend bool operator==(const Seen&, const Seen&) = default;
};

class SessionSplit : public ::testing::Test {
  protected:
    SessionSplit() {
        append(handshake(1));
        add_request(in_cdb(8192), {}, 0);
        add_request(out_cdb(24), list_of(24), 8);
        add_request(out_cdb(0), {}, 15);
        add_request(cdb_with_opcode(0xFF), {}, 1);
        add_request(out_cdb(1), list_of(1), 0);
    }

    void append(const Bytes& more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
    void add_request(const Bytes& cdb, const Bytes& list, std::size_t descriptor_with) {
        attached_[bytes_.size() + descriptor_with] = expected_.size();
        append(cdb);
        append(list);
        expected_.push_back({cdb, list, expected_.size()});
    }

    /// Takes the bytes [from, to) as the server does: never more than wanted, a request at a time.
    void receive(Session& session, std::size_t from, std::size_t to, std::vector<Seen>& seen) {
        while (from < to) {
            const std::size_t taken = std::min(session.wanted(), to - from);
            std::vector<UniqueFd> descriptors;
            for (auto at = attached_.lower_bound(from); at != attached_.end() && at->first < from + taken;
                 ++at)
                descriptors.push_back(pipes_[at->second].copy());
            ASSERT_EQ(descriptors.empty() || session.takes_descriptors(), true);
            ASSERT_FALSE(session.feed(ConstBytes(bytes_).subspan(from, taken), descriptors));
            from += taken;
            if (!session.complete()) continue;
            std::size_t pipe = 0;
            while (pipe < 5 && !pipes_[pipe].is(session.request().descriptor.ref())) ++pipe;
            seen.push_back({bytes_of(session.request().cdb), session.request().parameter_list, pipe});
            session.next();
        }
    }

    Bytes bytes_;
    std::map<std::size_t, std::size_t> attached_;  // byte -> pipe
    std::vector<Seen> expected_;
    CountedPipe pipes_[5];
};

TEST_F(SessionSplit, AtEveryPairOfPositionsTheRequestsAreTheSame) {
    const std::size_t before = open_descriptors(::getpid());
    for (std::size_t first = 0; first <= bytes_.size(); ++first) {
        for (std::size_t second = first; second <= bytes_.size(); ++second) {
            Session session;
            std::vector<Seen> seen;
            receive(session, 0, first, seen);
            receive(session, first, second, seen);
            receive(session, second, bytes_.size(), seen);
            ASSERT_EQ(seen, expected_) << "cut at " << first << " and " << second;
            ASSERT_TRUE(session.idle());
        }
    }
    EXPECT_EQ(open_descriptors(::getpid()), before);
}

TEST_F(SessionSplit, IntoPiecesOfOneSizeTheRequestsAreTheSame) {
    for (std::size_t size = 1; size <= bytes_.size(); ++size) {
        Session session;
        std::vector<Seen> seen;
        for (std::size_t from = 0; from < bytes_.size(); from += size)
            receive(session, from, std::min(from + size, bytes_.size()), seen);
        EXPECT_EQ(seen, expected_) << "pieces of " << size;
    }
}

}  // namespace
}  // namespace prh::test
