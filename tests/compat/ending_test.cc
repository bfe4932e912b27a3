// SPDX-License-Identifier: MIT
// The end while a device still works: what is owed is delivered.
#include <signal.h>

#include "compat/comparison.h"
#include "compat/helper.h"
#include "support/sg_io_answers.h"

namespace prh::test {
namespace {

class Ending : public PairTest {};

TEST_F(Ending, RequestInFlightIsAnswered) {
    const auto end_while_busy = [this](Helper& helper) {
        helper.page().injection = good(8);
        helper.page().injection.delay_ms = 500;
        RawClient client = helper.connect();
        client.send_request(pr_in(0, 8), device());
        eventually([&] { return helper.page().seen.calls > 0; });
        helper.process().signal(SIGTERM);
        ReplyOutcome outcome;
        outcome.reply = client.read_reply();
        std::string text = outcome.text() + "\n";
        text += client.closed_by_peer() ? "closed\n" : "not closed\n";
        return text + "exit " + std::to_string(helper.process().wait().value_or(-1));
    };
    compare(TextExchange{"end with a request in flight", end_while_busy(existing()), end_while_busy(ours())});
}

TEST_F(Ending, IdleConnectionWhileAnotherIsBusy) {
    const auto ask_at_the_end = [this](Helper& helper) {
        helper.page().injection = good(8);
        helper.page().injection.delay_ms = 500;
        RawClient busy = helper.connect();
        RawClient idle = helper.connect();
        EXPECT_TRUE(idle.request(pr_in(0, 8), device()));
        busy.send_request(pr_in(0, 8), device());
        eventually([&] { return helper.page().seen.calls > 1; });
        helper.process().signal(SIGTERM);
        eventually([&] { return !RawClient().connect(helper.socket()); });
        ReplyOutcome outcome;
        outcome.reply = idle.request(pr_in(0, 8), device());
        return outcome.text();
    };
    compare(TextExchange{"request after SIGTERM", ask_at_the_end(existing()), ask_at_the_end(ours())});
}

}  // namespace
}  // namespace prh::test
