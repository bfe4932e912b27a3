// SPDX-License-Identifier: MIT
// Clients that break the protocol: each loses its connection, and nobody else notices.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "support/daemon.h"

namespace prh::test {
namespace {

class Violations : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(other_.open(daemon_.socket()));
        EXPECT_EQ(ask(other_), kNoDevice);
        descriptors_ = open_descriptors(daemon_.pid());
    }

    /// The connection is closed with this line, and that is all.
    void expect_closed(RawClient& client, const std::string& message) {
        EXPECT_TRUE(client.closed_by_peer()) << message;
        EXPECT_TRUE(daemon_.process().err_contains("qemu-pr-helper: " + message + " (connection "))
            << message;
        expect_unharmed();
    }
    void expect_unharmed() {
        EXPECT_EQ(ask(other_), kNoDevice);
        EXPECT_TRUE(eventually([&] { return open_descriptors(daemon_.pid()) <= descriptors_; }))
            << open_descriptors(daemon_.pid()) << " instead of " << descriptors_;
    }

    Daemon daemon_;
    RawClient other_;
    std::size_t descriptors_ = 0;
};

TEST_F(Violations, FeaturesThatAreNotOffered) {
    for (const std::uint32_t features : {2U, 3U, 0x80000000U, 0x01000001U, 0x02000000U, 0xFFFFFFFFU}) {
        RawClient client;
        ASSERT_TRUE(client.connect(daemon_.socket()));
        ASSERT_TRUE(client.handshake(features));
        expect_closed(client, "Unsupported features requested, closing socket.");
    }
}

TEST_F(Violations, NoneInFeaturesThatAreOffered) {
    for (const std::uint32_t features :
         {0U, 1U, 0x01000000U}) {  // the last one is QEMU's on little-endian hosts
        RawClient client;
        ASSERT_TRUE(client.connect(daemon_.socket()));
        ASSERT_TRUE(client.handshake(features));
        EXPECT_EQ(client.server_features(), 1U);
        EXPECT_EQ(ask(client), kNoDevice);
    }
    expect_unharmed();
}

TEST_F(Violations, RequestWithoutADescriptor) {
    RawClient client = daemon_.connect();
    ASSERT_TRUE(client.send_request(pr_in(0, 24), -1));
    expect_closed(client, "No file descriptor in request.");
}

TEST_F(Violations, RequestsWithSeveralDescriptors) {
    for (const std::size_t count : {2U, 3U, 16U, 17U, 100U, 253U}) {
        RawClient client = daemon_.connect();
        ASSERT_TRUE(client.send_bytes(pr_in(0, 24), std::vector<int>(count, null_device()))) << count;
        expect_closed(client, "More than one file descriptor in request, closing socket.");
    }
}

TEST_F(Violations, DescriptorsScatteredOverARequest) {
    RawClient client = daemon_.connect();
    const Bytes cdb = pr_in(0, 24);
    for (std::size_t i = 0; i < 16; ++i) ASSERT_TRUE(client.send_bytes({cdb[i]}, {null_device()}));
    expect_closed(client, "More than one file descriptor in request, closing socket.");
}

TEST_F(Violations, OperationCodesOfNoConcern) {
    for (const std::uint8_t code : Bytes{0x00, 0x12, 0x5D, 0x60, 0xFE}) {
        RawClient client = daemon_.connect();
        ASSERT_TRUE(client.send_request({code}, null_device()));
        expect_closed(client, "Invalid CDB, closing socket.");
    }
}

TEST_F(Violations, LengthsThatAreTooLong) {
    for (const unsigned length : {8193U, 0xFFFFU})
        for (const Bytes& cdb : {pr_in(0, length), pr_out(0, 0, length)}) {
            RawClient client = daemon_.connect();
            ASSERT_TRUE(client.send_request(cdb, null_device()));
            expect_closed(client, "Length in CDB is over 8192 bytes, closing socket.");
        }
}

TEST_F(Violations, ParameterListThatIsCutShort) {
    for (const std::size_t length : {0U, 1U, 23U}) {
        RawClient client = daemon_.connect();
        ASSERT_TRUE(client.send_request(pr_out(0, 0), null_device(), Bytes(length)));
        ASSERT_EQ(::shutdown(client.fd(), SHUT_WR), 0);
        expect_closed(client, "Unexpected end-of-file before all data were read");
    }
}

TEST_F(Violations, NoneInGoingAwayBetweenRequestsOrInsideACommand) {
    for (const std::size_t length : {0U, 1U, 4U, 5U, 12U, 19U}) {
        RawClient client;
        ASSERT_TRUE(client.connect(daemon_.socket()));
        ASSERT_TRUE(client.send_bytes(Bytes(length)));
    }
    expect_unharmed();
    const std::string err = daemon_.process().err();
    EXPECT_EQ(err.find("end-of-file"), std::string::npos) << err;
}

TEST_F(Violations, NoneInDescriptorsWhereNoneBelong) {
    RawClient client;
    ASSERT_TRUE(client.connect(daemon_.socket()));
    ASSERT_TRUE(client.read_bytes(4));
    ASSERT_TRUE(client.send_bytes(Bytes(4), std::vector<int>(253, null_device())));
    EXPECT_EQ(ask(client), kNoDevice);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send_request(pr_out(0, 0), null_device()));
        ASSERT_TRUE(client.send_bytes(key_list(1, 2), std::vector<int>(253, null_device())));
        EXPECT_EQ(client.read_reply()->brief(), kNoDevice);
    }
    client.close();
    expect_unharmed();
}

TEST_F(Violations, DescriptorOfTheHandshakeIsNotTheRequests) {
    RawClient client;
    ASSERT_TRUE(client.connect(daemon_.socket()));
    Bytes both(4);
    const Bytes cdb = pr_in(0, 24);
    both.insert(both.end(), cdb.begin(), cdb.end());
    ASSERT_TRUE(client.send_bytes(both, {null_device()}));
    ASSERT_TRUE(client.read_bytes(4));
    expect_closed(client, "No file descriptor in request.");
}

TEST_F(Violations, NoneInRequestsInPieces) {
    for (std::size_t with_descriptor = 0; with_descriptor < 16; ++with_descriptor) {
        RawClient client = daemon_.connect();
        const Bytes cdb = pr_out(0, 0);
        for (std::size_t i = 0; i < cdb.size(); ++i)
            ASSERT_TRUE(client.send_bytes(
                {cdb[i]}, i == with_descriptor ? std::vector<int>{null_device()} : std::vector<int>{}));
        for (const std::uint8_t byte : key_list(1, 2)) ASSERT_TRUE(client.send_bytes({byte}));
        EXPECT_EQ(client.read_reply()->brief(), kNoDevice) << with_descriptor;
    }
    expect_unharmed();
}

TEST_F(Violations, NoneInLengthsThatTheCommandAndTheSocketSeeDifferently) {
    // PARAMETER LIST LENGTH has four bytes and the protocol reads two of them; a device is not to see that.
    for (const unsigned length : {0x10000U, 0x80000018U}) {
        RawClient client = daemon_.connect();
        const Bytes list(length & 0xFFFFU);
        EXPECT_EQ(client.request(pr_out(0, 0, length), null_device(), list)->brief(), "02 5/24/00");
        EXPECT_EQ(ask(client), kNoDevice) << "the stream is where it should be";
    }
}

TEST_F(Violations, NoneInTheCleanUpAfterAMigration) {
    RawClient client = daemon_.connect();
    EXPECT_EQ(client.request({0xFF}, null_device())->brief(), "00");
    Bytes with_length(16);
    with_length[0] = 0xFF;
    with_length[7] = 0xFF;  // whatever it says, nothing follows
    EXPECT_EQ(client.request(with_length, null_device())->brief(), "00");
    EXPECT_EQ(ask(client), kNoDevice);
}

TEST_F(Violations, ClientThatGoesBeforeItsReplyCostsNothing) {
    for (int i = 0; i < 50; ++i) {
        RawClient client = daemon_.connect();
        ASSERT_TRUE(client.send_request(pr_in(0, 24), null_device()));
    }
    expect_unharmed();
}

TEST_F(Violations, QuietnessIsKept) {
    Daemon quiet({"-q", "-v", "-v"});
    for (int i = 0; i < 20; ++i) {
        RawClient client = quiet.connect();
        ASSERT_TRUE(client.send_request({0x12}, null_device()));
        EXPECT_TRUE(client.closed_by_peer());
    }
    EXPECT_EQ(quiet.ask(), kNoDevice);
    EXPECT_EQ(quiet.end(), 0);
    EXPECT_EQ(quiet.process().err(), "");
}

}  // namespace
}  // namespace prh::test
