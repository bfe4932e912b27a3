// SPDX-License-Identifier: MIT
// The first eight bytes of a connection.
#include <fmt/format.h>

#include "compat/comparison.h"
#include "compat/conversation.h"

namespace prh::test {
namespace {

class Handshake : public ConversationTest {
  protected:
    static void request_and_reply(Conversation& conversation) {
        conversation.send(pr_in(0, 8), {conversation.device()});
        conversation.reply();
    }
};

TEST_F(Handshake, Greeting) {
    const auto greeting = [](Helper& helper) {
        RawClient client;
        return client.open(helper.socket()) ? fmt::format("{:08x}", client.server_features()) : "none";
    };
    compare(TextExchange{"greeting", greeting(existing()), greeting(ours())});
}

TEST_F(Handshake, RequestedFeatures) {
    for (const std::uint32_t features : {0x00000000U, 0x00000001U, 0x01000000U, 0x00000002U, 0x00000003U,
                                         0x01000001U, 0x02000000U, 0x80000000U, 0xFFFFFFFFU})
        compare_conversations(fmt::format("features {:08x} requested", features), [&](Conversation& it) {
            it.features(features);
            request_and_reply(it);
        });
}

TEST_F(Handshake, ClientWritesByteByByte) {
    compare_conversations("handshake byte by byte", [](Conversation& it) {
        it.send_bytewise({0, 0, 0, 0}, 0, {});
        request_and_reply(it);
    });
}

TEST_F(Handshake, RequestRightBehindTheFeatures) {
    compare_conversations("request behind the features", [](Conversation& it) {
        it.features();
        it.send(pr_in(0, 8), {it.device()});
        it.send(pr_in(0, 4), {it.device()});
        it.reply();
        it.reply();
    });
}

TEST_F(Handshake, DescriptorWithTheFeaturesIsLost) {
    compare_conversations("descriptor with the features", [](Conversation& it) {
        it.send({0, 0, 0, 0}, {it.device()});
        it.send(pr_in(0, 8));
        it.end();
    });
}

TEST_F(Handshake, DescriptorOfAMessageThatCarriesTheFeaturesTooIsLost) {
    compare_conversations("features and request in one message", [](Conversation& it) {
        Bytes both(4);
        const Bytes cdb = pr_in(0, 8);
        both.insert(both.end(), cdb.begin(), cdb.end());
        it.send(both, {it.device()});
        it.end();
    });
}

TEST_F(Handshake, DescriptorWithTheFeaturesAndAnotherWithTheRequest) {
    compare_conversations("descriptors with the features and with the request", [](Conversation& it) {
        it.send({0, 0, 0, 0}, {it.device()});
        request_and_reply(it);
    });
}

TEST_F(Handshake, EndWithinTheFeatures) {
    for (std::size_t count = 0; count < 4; ++count)
        compare_conversations(fmt::format("end after {} bytes of the features", count),
                              [&](Conversation& it) {
                                  it.send(Bytes(count));
                                  it.shut_down_writing();
                                  it.end();
                              });
}

TEST_F(Handshake, EndAfterTheFeatures) {
    compare_conversations("end after the features", [](Conversation& it) {
        it.features();
        it.shut_down_writing();
        it.end();
    });
}

}  // namespace
}  // namespace prh::test
