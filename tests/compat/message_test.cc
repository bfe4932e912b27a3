// SPDX-License-Identifier: MIT
// What is written to stderr about a client that breaks the protocol.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "compat/comparison.h"
#include "compat/conversation.h"

namespace prh::test {
namespace {

class Messages : public ConversationTest {
  protected:
    void compare_messages_of(const std::string& situation, const Bytes& cdb, std::size_t descriptors) {
        compare_messages(situation, [&](Conversation& it) {
            it.features();
            it.send(cdb, std::vector<int>(descriptors, it.device()));
            it.end();
        });
    }
};

TEST_F(Messages, NothingAboutAClientThatBehaves) {
    compare_messages("well-behaved client", [](Conversation& it) {
        it.features();
        it.send(pr_in(0, 8), {it.device()});
        it.reply();
    });
}

TEST_F(Messages, ViolationsThatAreNamedByBoth) {
    compare_messages_of("no descriptor", pr_in(0, 8), 0);
    compare_messages_of("unknown operation code", Bytes(16), 1);
    compare_messages("end within the list", [](Conversation& it) {
        it.features();
        it.send(pr_out(0, 0), {it.device()});
        it.shut_down_writing();
        it.end();
    });
    compare_messages("client gone before the reply", [](Conversation& it) {
        it.features();
        it.slow_device(200);
        it.send(pr_in(0, 8), {it.device()});
        it.client().close();
    });
}

TEST_F(Messages, ViolationsThatTheExistingProgramIsSilentAbout) {
    compare_messages("unknown features", [](Conversation& it) {
        it.features(0x80);
        it.end();
    });
    compare_messages_of("two descriptors", pr_in(0, 8), 2);
    compare_messages_of("too long", pr_in(0, 8193), 1);
}

TEST_F(Messages, EndOfAConnectionIsNone) {
    for (const std::size_t count : {0UL, 1UL, 4UL, 12UL})
        compare_messages(fmt::format("end after {} bytes", count), [&](Conversation& it) {
            it.send(Bytes(count));
            it.shut_down_writing();
            it.end();
        });
}

TEST_F(Messages, DescriptorThatIsNoDisk) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    compare_messages("no disk", [&](Conversation& it) {
        it.features();
        it.send(pr_in(0, 8), {null});
        it.reply();
    });
    ::close(null);
}

TEST_F(Messages, FloodOfViolations) {
    constexpr int kClients = 300;
    const auto lines = [&](Helper& helper) {
        for (int count = 0; count < kClients; ++count) {
            RawClient client = helper.connect();
            client.send_bytes(Bytes(16));
            EXPECT_TRUE(client.closed_by_peer());
        }
        const std::string text = helper.process().err();
        return fmt::format("{} lines", std::count(text.begin(), text.end(), '\n'));
    };
    compare(TextExchange{"flood of violations", lines(existing()), lines(ours())});
}

}  // namespace
}  // namespace prh::test
