// SPDX-License-Identifier: MIT
// The parameter list behind a request, requests sent ahead, and connections that end early.
#include <fmt/format.h>

#include "compat/conversation.h"

namespace prh::test {
namespace {

class ListConversation : public ConversationTest {};

TEST_F(ListConversation, ListByteByByte) {
    compare_conversations("list byte by byte", [](Conversation& it) {
        it.features();
        it.send(pr_out(0, 0), {it.device()});
        it.send_bytewise(key_list(1, 2), 0, {});
        it.reply();
    });
}

TEST_F(ListConversation, ListInTheMessageOfTheCdb) {
    compare_conversations("list in the message of the CDB", [](Conversation& it) {
        Bytes all = pr_out(0, 0);
        const Bytes list = key_list(1, 2);
        all.insert(all.end(), list.begin(), list.end());
        it.features();
        it.send(all, {it.device()});
        it.reply();
    });
}

TEST_F(ListConversation, DescriptorsWithTheListAreDiscarded) {
    for (const std::size_t count : {1UL, 2UL, 17UL})
        compare_conversations(fmt::format("{} descriptors with the list", count), [&](Conversation& it) {
            it.features();
            it.send(pr_out(0, 0), {it.device()});
            it.send(key_list(1, 2), std::vector<int>(count, it.device()));
            it.reply();
            it.send(pr_in(0, 8), {it.device()});
            it.reply();
        });
}

TEST_F(ListConversation, DescriptorWithTheListAlone) {
    compare_conversations("descriptor with the list alone", [](Conversation& it) {
        it.features();
        it.send(pr_out(0, 0));
        it.send(key_list(1, 2), {it.device()});
        it.end();
    });
}

TEST_F(ListConversation, EndWithinTheList) {
    for (const std::size_t count : {0UL, 1UL, 12UL, 23UL})
        compare_conversations(fmt::format("end after {} bytes of the list", count), [&](Conversation& it) {
            Bytes list = key_list(1, 2);
            list.resize(count);
            it.features();
            it.send(pr_out(0, 0), {it.device()});
            it.send(list);
            it.shut_down_writing();
            it.end();
        });
}

TEST_F(ListConversation, ListsOfEveryLengthAreRead) {
    for (const unsigned length : {0U, 1U, 23U, 24U, 25U, 4096U, 8191U, 8192U})
        compare_conversations(fmt::format("list of {} bytes", length), [&](Conversation& it) {
            it.features();
            it.send(pr_out(0, 0, length), {it.device()});
            it.send(Bytes(length, 0x11));
            it.reply();
            it.send(pr_in(0, 8), {it.device()});
            it.reply();
        });
}

TEST_F(ListConversation, RequestsSentAheadAreAnsweredInOrder) {
    compare_conversations("requests sent ahead", [](Conversation& it) {
        it.features();
        for (unsigned length = 1; length <= 8; ++length) {
            it.send(pr_in(0, length), {it.device()});
            it.send(pr_out(0, 0), {it.device()});
            it.send(key_list(length, length));
        }
        for (unsigned count = 0; count < 16; ++count) it.reply();
    });
}

TEST_F(ListConversation, TwoRequestsInOneMessage) {
    for (const std::size_t count : {1UL, 2UL})
        compare_conversations(fmt::format("two requests in one message, {} descriptors", count),
                              [&](Conversation& it) {
                                  Bytes both = pr_in(0, 8);
                                  const Bytes second = pr_in(0, 4);
                                  both.insert(both.end(), second.begin(), second.end());
                                  it.features();
                                  it.send(both, std::vector<int>(count, it.device()));
                                  if (count == 1) it.reply();
                                  it.end();
                              });
}

TEST_F(ListConversation, EndBehindAWholeRequest) {
    compare_conversations("end behind a whole request", [](Conversation& it) {
        it.features();
        it.send(pr_out(0, 0), {it.device()});
        it.send(key_list(1, 2));
        it.shut_down_writing();
        it.reply();
        it.end();
    });
}

TEST_F(ListConversation, EndBehindRequestsSentAhead) {
    compare_conversations("end behind requests sent ahead", [](Conversation& it) {
        it.features();
        for (unsigned length = 1; length <= 4; ++length) it.send(pr_in(0, length), {it.device()});
        it.shut_down_writing();
        for (unsigned length = 1; length <= 4; ++length) it.reply();
        it.end();
    });
}

TEST_F(ListConversation, ClientGoneBeforeTheReply) {
    compare_conversations("client gone before the reply", [](Conversation& it) {
        it.features();
        it.slow_device(200);
        it.send(pr_in(0, 8), {it.device()});
        it.client().close();
    });
}

}  // namespace
}  // namespace prh::test
