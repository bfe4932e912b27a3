// SPDX-License-Identifier: MIT
#include "compat/conversation.h"

#include <sys/socket.h>

#include "compat/comparison.h"
#include "support/sg_io_answers.h"

namespace prh::test {

Conversation::Conversation(Helper& helper, int device) : page_(helper.page()), device_(device) {
    if (!client_.connect(helper.socket())) throw std::runtime_error("cannot connect");
    if (!client_.read_bytes(4)) note("no greeting");
}

void Conversation::features(std::uint32_t requested) {
    send({static_cast<std::uint8_t>(requested >> 24), static_cast<std::uint8_t>(requested >> 16),
          static_cast<std::uint8_t>(requested >> 8), static_cast<std::uint8_t>(requested)});
}

void Conversation::send(const Bytes& bytes, const std::vector<int>& descriptors) {
    // A server that has closed already makes this fail; that it has is what end() and reply() say.
    client_.send_bytes(bytes, descriptors);
}

void Conversation::send_bytewise(const Bytes& bytes, std::size_t with, const std::vector<int>& descriptors) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        send({bytes[i]}, i == with ? descriptors : std::vector<int>{});
}

void Conversation::shut_down_writing() { ::shutdown(client_.fd(), SHUT_WR); }

void Conversation::reply() {
    ReplyOutcome outcome;
    outcome.reply = client_.read_reply();
    note(outcome.text());
}

void Conversation::end() { note(client_.closed_by_peer() ? "closed" : "not closed"); }

std::string ConversationTest::converse(Helper& helper, int device, const Script& script) {
    helper.page().injection = good(8);
    std::string transcript;
    {
        Conversation conversation(helper, device);
        script(conversation);
        transcript = conversation.transcript();
    }
    // Others are still served, whatever happened.
    transcript += "then another: " + helper.ask(pr_in(0, 8), device, {}).text() + "\n";
    return transcript;
}

void ConversationTest::compare_conversations(const std::string& situation, const Script& script) {
    const std::string theirs = converse(existing(), device(), script);
    const std::string mine = converse(ours(), device(), script);
    compare(TextExchange{situation, theirs, mine});
}

void ConversationTest::compare_messages(const std::string& situation, const Script& script) {
    const std::size_t their_start = existing().process().err().size();
    const std::size_t our_start = ours().process().err().size();
    converse(existing(), device(), script);
    converse(ours(), device(), script);
    TextExchange exchange{situation + ": messages", "", ""};
    // A message may be written after the connection is closed: it has a while to arrive.
    eventually(
        [&] {
            exchange.existing = existing().process().err().substr(their_start);
            exchange.ours = ours().process().err().substr(our_start);
            return equal_or_accepted(exchange);
        },
        5);
    compare(exchange);
}

}  // namespace prh::test
