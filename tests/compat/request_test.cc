// SPDX-License-Identifier: MIT
// The 16 bytes of a request and the descriptor that comes with them.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "compat/conversation.h"
#include "support/sg_io_answers.h"

namespace prh::test {
namespace {

class RequestConversation : public ConversationTest {};

TEST_F(RequestConversation, DescriptorWithAnyByte) {
    for (std::size_t with = 0; with < 16; ++with)
        compare_conversations(fmt::format("descriptor with byte {}", with), [&](Conversation& it) {
            it.features();
            it.send_bytewise(pr_in(0, 8), with, {it.device()});
            it.reply();
        });
}

TEST_F(RequestConversation, WithoutDescriptor) {
    compare_conversations("no descriptor", [](Conversation& it) {
        it.features();
        it.send(pr_in(0, 8));
        it.end();
    });
}

TEST_F(RequestConversation, SeveralDescriptors) {
    // 253 is what the kernel allows in one message (SCM_MAX_FD)
    for (const std::size_t count : {2UL, 3UL, 15UL, 16UL, 17UL, 253UL})
        compare_conversations(fmt::format("{} descriptors", count), [&](Conversation& it) {
            it.features();
            it.send(pr_in(0, 8), std::vector<int>(count, it.device()));
            it.end();
        });
}

TEST_F(RequestConversation, DescriptorsWithTwoOfTheBytes) {
    compare_conversations("descriptors with two of the bytes", [](Conversation& it) {
        const Bytes cdb = pr_in(0, 8);
        it.features();
        it.send(Bytes(cdb.begin(), cdb.begin() + 8), {it.device()});
        it.send(Bytes(cdb.begin() + 8, cdb.end()), {it.device()});
        it.end();
    });
}

TEST_F(RequestConversation, EndWithinTheCdb) {
    for (std::size_t count = 1; count < 16; ++count)
        compare_conversations(fmt::format("end after {} bytes of the CDB", count), [&](Conversation& it) {
            Bytes cdb = pr_in(0, 8);
            cdb.resize(count);
            it.features();
            it.send(cdb, {it.device()});
            it.shut_down_writing();
            it.end();
        });
}

TEST_F(RequestConversation, EveryOperationCode) {
    for (unsigned code = 0; code <= 0xFF; ++code)
        compare_conversations(fmt::format("operation code {:02x}", code), [&](Conversation& it) {
            it.features();
            it.send({static_cast<std::uint8_t>(code), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                    {it.device()});
            it.shut_down_writing();
            if (code == 0x5E || code == 0x5F || code == 0xFF) it.reply();
            it.end();
        });
}

TEST_F(RequestConversation, OperationCodeFfOnAReadOnlyDescriptor) {
    const int read_only = open_loop_device(O_RDONLY);
    compare_conversations("operation code ff, read-only", [&](Conversation& it) {
        it.features();
        it.send({0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {read_only});
        it.reply();
    });
    ::close(read_only);
}

TEST_F(RequestConversation, OperationCodeFfHasNoParameterList) {
    compare_conversations("operation code ff with a length", [](Conversation& it) {
        it.features();
        it.send({0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0}, {it.device()});
        it.reply();
    });
}

TEST_F(RequestConversation, LengthOverTheMaximum) {
    for (const unsigned length : {8193U, 32768U, 65535U}) {
        compare_conversations(fmt::format("PR IN of {} bytes", length), [&](Conversation& it) {
            it.features();
            it.send(pr_in(0, length), {it.device()});
            it.end();
        });
        compare_conversations(fmt::format("PR OUT of {} bytes", length), [&](Conversation& it) {
            it.features();
            it.send(pr_out(0, 0, length), {it.device()});
            it.end();
        });
    }
}

TEST_F(RequestConversation, PrOutOnAReadOnlyDescriptor) {
    for (const int flags : {O_RDONLY, O_PATH}) {
        const int descriptor = open_loop_device(flags);
        // 96 bytes of sense data were used before: nothing of them is to be seen in the refusal.
        compare_answers(check_condition(SenseFormat::Fixed, 96), pr_in(0, 8));
        compare_answers_on(descriptor, good(0), pr_out(0, 0), key_list(1, 2));
        compare_answers(good(8), pr_in(0, 8));  // on the same connection: the list was read
        ::close(descriptor);
    }
}

TEST_F(RequestConversation, FlagsOfTheSendersDescriptor) {
    compare_conversations("O_NONBLOCK of the sender's descriptor", [](Conversation& it) {
        const int descriptor = open_loop_device(O_RDWR | O_NONBLOCK);
        it.features();
        it.send(pr_in(0, 8), {descriptor});
        it.reply();
        it.note((::fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0 ? "still set" : "cleared");
        ::close(descriptor);
    });
}

}  // namespace
}  // namespace prh::test
