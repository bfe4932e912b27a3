// SPDX-License-Identifier: MIT
// What prhelperctl puts on the wire for every verb, and how it shows an answer that is known byte for byte.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "integration/ctl_fake_helper.h"
#include "support/process.h"

namespace prh::test {
namespace {

class CtlRequests : public testing::Test {
  protected:
    CtlRequests() { write_file(disk_, ""); }

    CtlRun run(std::vector<std::string> words, const std::string& standard_input = {}) const {
        words.insert(words.end(), {"--socket=" + socket_, disk_});
        return run_ctl(words, standard_input);
    }
    /// The one request that `words` lead to.
    FakeRequest request_of(const std::vector<std::string>& words, const std::string& standard_input = {}) {
        Answering answering(0, words[0].starts_with("re") && words[0] != "reserve" && words[0] != "release" &&
                                       !words[0].starts_with("register")
                                   ? Bytes(8)
                                   : Bytes());
        ::unlink(socket_.c_str());
        FakeHelper helper(socket_, answering.script());
        const CtlRun result = run(words, standard_input);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        const std::vector<FakeRequest> requests = answering.requests();
        EXPECT_EQ(requests.size(), 1U);
        return requests.empty() ? FakeRequest{} : requests.front();
    }

    TemporaryDirectory directory_;
    std::string socket_ = directory_ / "pr.sock";
    std::string disk_ = directory_ / "disk";
};

Bytes padded(Bytes cdb) {
    cdb.resize(16);
    return cdb;
}

TEST_F(CtlRequests, ReadingVerbsSendOneDescriptorThatIsOpenForReading) {
    const std::pair<const char*, unsigned> verbs[] = {
        {"read-keys", 0}, {"read-reservation", 1}, {"report-capabilities", 2}, {"read-full-status", 3}};
    for (const auto& [verb, action] : verbs) {
        const FakeRequest request = request_of({verb});
        EXPECT_EQ(request.cdb, padded(pr_in(action, 8192))) << verb;
        EXPECT_EQ(request.descriptors, 1U);
        EXPECT_EQ(request.access_mode, O_RDONLY);
    }
}

TEST_F(CtlRequests, WritingVerbsSendOneDescriptorThatIsOpenForBoth) {
    const struct {
        std::vector<std::string> words;
        unsigned action;
        unsigned type;
    } verbs[] = {{{"register", "-K123abc", "-S456def"}, 0, 0},
                 {{"reserve", "-K123abc", "-T1"}, 1, 1},
                 {{"release", "-K123abc", "-T3"}, 2, 3},
                 {{"clear", "-K123abc"}, 3, 0},
                 {{"preempt", "-K123abc", "-S456def", "-T5"}, 4, 5},
                 {{"preempt-abort", "-K123abc", "-S456def", "-T8"}, 5, 8},
                 {{"register-ignore", "-K123abc", "-S456def"}, 6, 0}};
    for (const auto& [words, action, type] : verbs) {
        const FakeRequest request = request_of(words);
        EXPECT_EQ(request.cdb, padded(pr_out(action, type))) << words[0];
        EXPECT_EQ(request.parameter_list,
                  key_list(0x123ABC, words.size() > 2 && words[2][1] == 'S' ? 0x456DEF : 0))
            << words[0];
        EXPECT_EQ(request.descriptors, 1U);
        EXPECT_EQ(request.access_mode, O_RDWR);
    }
}

TEST_F(CtlRequests, FlagsAreInTheParameterList) {
    EXPECT_EQ(request_of({"register", "-S1", "--param-aptpl"}).parameter_list, key_list(0, 1, 0x01));
    EXPECT_EQ(request_of({"register-ignore", "-S1", "--param-alltgpt"}).parameter_list, key_list(0, 1, 0x04));
}

TEST_F(CtlRequests, ReadonlyOpensForReading) {
    EXPECT_EQ(request_of({"clear", "-K1", "--readonly"}).access_mode, O_RDONLY);
    EXPECT_EQ(request_of({"read-keys", "--readonly"}).access_mode, O_RDONLY);
}

TEST_F(CtlRequests, RegisterAndMoveHasADestination) {
    const FakeRequest request =
        request_of({"register-move", "-K1", "-S2", "-T5", "--transport-id=sas,5000c50005b32001",
                    "--param-unreg", "--relative-target-port=1f"});
    EXPECT_EQ(request.cdb, padded(pr_out(7, 5, 48)));
    ASSERT_EQ(request.parameter_list.size(), 48U);
    EXPECT_EQ(Bytes(request.parameter_list.begin() + 16, request.parameter_list.begin() + 36),
              (Bytes{0, 2, 0, 0x1F, 0, 0, 0, 24, 6, 0, 0, 0, 0x50, 0, 0xC5, 0, 0x05, 0xB3, 0x20, 0x01}));
}

TEST_F(CtlRequests, TransportIdsComeFromAFileAndFromStandardInput) {
    const std::string list = directory_ / "ids";
    write_file(list, "# two\nsas,5000c50005b32001\nfcp,10000000c9f3a571\n");
    const FakeRequest from_file = request_of({"register", "-S1", "--transport-id=file=" + list});
    EXPECT_EQ(from_file.parameter_list.size(), 24U + 4 + 48);
    EXPECT_EQ(from_file.parameter_list[20], 0x08);
    const FakeRequest from_input =
        request_of({"register", "-S1", "-X", "-"}, "sas,5000c50005b32001\nfcp,10000000c9f3a571\n");
    EXPECT_EQ(from_input.parameter_list, from_file.parameter_list);
}

TEST_F(CtlRequests, ListsOfTransportIdsThatCannotBeReadAreRefused) {
    const CtlRun missing = run({"register", "-S1", "-X", "file=" + directory_ / "no"});
    EXPECT_EQ(missing.exit_code, 15);
    EXPECT_NE(missing.err.find("cannot read TransportIDs from '"), std::string::npos);
    EXPECT_EQ(run({"register", "-S1", "-X", "file=/dev/zero"}).exit_code, 15);
    const CtlRun bad = run({"register", "-S1", "-X", "-"}, "\nnonsense\n");
    EXPECT_EQ(bad.exit_code, 1);
    EXPECT_NE(bad.err.find("--transport-id=-: line 2: 'nonsense'"), std::string::npos) << bad.err;
    EXPECT_EQ(run({"register", "-S1", "-X", "sas,1"}).exit_code, 1);
}

TEST_F(CtlRequests, AnAllocationLengthIsSent) {
    Answering answering(0, {0, 0, 0, 1});
    FakeHelper helper(socket_, answering.script());
    const CtlRun result = run({"read-keys", "--alloc-length=4"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "4 bytes of data, too short to be decoded\n");
    EXPECT_EQ(answering.requests().front().cdb, padded(pr_in(0, 4)));
}

TEST_F(CtlRequests, AListThatIsCutIsSaidToBeCut) {
    Bytes data(8192);
    data[6] = 0x40;  // 2048 keys
    Answering answering(0, data);
    FakeHelper helper(socket_, answering.script());
    const CtlRun result = run({"read-keys"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_NE(result.out.find("1023 keys registered"), std::string::npos);
    EXPECT_NE(result.err.find("the answer is cut after 8192 bytes"), std::string::npos);
}

TEST_F(CtlRequests, HexAndRawShowTheData) {
    const Bytes data{0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0x12, 0x3A, 0xBC};
    Answering answering(0, data);
    FakeHelper helper(socket_, answering.script());
    EXPECT_EQ(run({"read-keys", "--hex"}).out, "0000  00 00 00 02 00 00 00 08 00 00 00 00 00 12 3a bc\n");
    EXPECT_EQ(run({"read-keys", "--raw"}).out, std::string(data.begin(), data.end()));
}

TEST_F(CtlRequests, VerboseShowsWhatIsSent) {
    Answering answering(0);
    FakeHelper helper(socket_, answering.script());
    const CtlRun result = run({"clear", "-K1", "-v"});
    EXPECT_NE(result.err.find("PERSISTENT RESERVE OUT, CLEAR"), std::string::npos);
    EXPECT_NE(result.err.find("CDB: 5f 03 00 00 00 00 00 00 18 00 00 00 00 00 00 00\n"), std::string::npos);
    EXPECT_NE(result.err.find("parameter list: 00 00 00 00 00 00 00 01 "), std::string::npos);
    EXPECT_EQ(result.out, "CLEAR: GOOD\n");
}

/// Unit attentions, as many as `count`, and then GOOD.
FakeHelper::Script attentive(int count) {
    return [count](FakeConversation& client) {
        client.greet();
        for (int left = count; client.read_request(); --left) {
            if (left > 0)
                client.reply(2, {}, {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2A, 0x03});
            else
                client.reply(0);
        }
    };
}

TEST_F(CtlRequests, AUnitAttentionIsShownForWhatItIs) {
    FakeHelper helper(socket_, attentive(1));
    const CtlRun result = run({"clear", "-K1"});
    EXPECT_EQ(result.exit_code, 6);
    EXPECT_NE(result.err.find("UNIT ATTENTION, RESERVATIONS PREEMPTED"), std::string::npos);
    EXPECT_NE(result.err.find("--retry-unit-attention"), std::string::npos);
}

TEST_F(CtlRequests, AfterAUnitAttentionTheCommandIsSentAgainOnRequest) {
    FakeHelper helper(socket_, attentive(3));
    const CtlRun result = run({"clear", "-K1", "--retry-unit-attention"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "CLEAR: GOOD\n");
    EXPECT_NE(result.err.find("UNIT ATTENTION, RESERVATIONS PREEMPTED (6/2a/03): sent again"),
              std::string::npos);
}

TEST_F(CtlRequests, UnitAttentionsWithoutEndAreNotFollowed) {
    FakeHelper helper(socket_, attentive(1000));
    EXPECT_EQ(run({"clear", "-K1", "--retry-unit-attention"}).exit_code, 6);
}

TEST_F(CtlRequests, PingShowsTheFeatures) {
    FakeHelper helper(socket_, [](FakeConversation& client) {
        EXPECT_EQ(client.greet(1), 0U) << "nothing is asked for that ping does not use";
        client.wait_for_end();
    });
    const CtlRun result = run_ctl({"ping", "--socket=" + socket_});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out,
              "The helper at " + socket_ + " answers. Features: 0x1, clean-up after live migration\n");
}

}  // namespace
}  // namespace prh::test
