// SPDX-License-Identifier: MIT
// prhelperctl against helpers that misbehave, and against none: each is told from the others, in words and by
// the exit status.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "integration/ctl_fake_helper.h"
#include "support/environment.h"
#include "support/process.h"
#include "support/unprivileged.h"

namespace prh::test {
namespace {

constexpr std::uint8_t kInvalidFieldInCdb[] = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0};

class CtlErrors : public testing::Test {
  protected:
    CtlErrors() { write_file(disk_, ""); }

    CtlRun run(std::vector<std::string> words, int timeout = 20) const {
        words.push_back("--socket=" + socket_);
        words.push_back("--timeout=" + std::to_string(timeout));
        return run_ctl(words);
    }
    CtlRun read_keys(int timeout = 20) const { return run({"read-keys", disk_}, timeout); }
    CtlRun reserve() const { return run({"reserve", "-K1", "-T5", disk_}); }

    TemporaryDirectory directory_;
    std::string socket_ = directory_ / "pr.sock";
    std::string disk_ = directory_ / "disk";
};

void expect(const CtlRun& run, int exit_code, const std::string& words) {
    EXPECT_EQ(run.exit_code, exit_code) << run.err;
    EXPECT_NE(run.err.find(words), std::string::npos) << run.err;
    EXPECT_EQ(run.err.find("prhelperctl: "), 0U) << run.err;
    EXPECT_EQ(run.out, "");
}

TEST_F(CtlErrors, NoSocket) {
    expect(run({"ping"}), 52, "No such file or directory (is the helper running?");
    expect(read_keys(), 52, socket_);
}

TEST_F(CtlErrors, NobodyListens) {
    {
        FakeHelper ended(socket_, [](FakeConversation&) {});
    }
    expect(run({"ping"}), 50, "Connection refused (nobody listens there");
}

TEST_F(CtlErrors, APlainFileIsNoSocket) {
    write_file(socket_, "");
    expect(run({"ping"}), 50, "nobody listens there");
}

TEST_F(CtlErrors, NoPermissionForTheSocket) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    PRH_NEEDS_OTHER_USERS();
    FakeHelper helper(socket_, [](FakeConversation& client) { client.greet(); });
    ::chmod(socket_.c_str(), 0600);
    ProcessOptions options;
    options.before_exec = [] {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(126);
    };
    Process process({built("prhelperctl"), "ping", "--socket=" + socket_}, options);
    EXPECT_EQ(process.wait(), 63);
    EXPECT_NE(process.err().find("Permission denied (this user may not write to the socket)"),
              std::string::npos);
}

TEST_F(CtlErrors, APathThatIsTooLong) {
    const CtlRun run = run_ctl({"ping", "--socket=/" + std::string(108, 'x')});
    expect(run, 1, "it has 109 bytes");
}

TEST_F(CtlErrors, ABacklogThatIsFull) {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener, 0), 0);
    RawClient first;
    ASSERT_TRUE(first.connect(socket_));
    expect(run({"ping"}, 1), 33, "did not accept the connection within 1 s");
    ::close(listener);
}

TEST_F(CtlErrors, NoGreeting) {
    FakeHelper helper(socket_, [](FakeConversation& client) { client.wait_for_end(); });
    expect(run({"ping"}, 1), 33, "no greeting from " + socket_ + " within 1 s");
}

TEST_F(CtlErrors, ClosedBeforeTheGreeting) {
    FakeHelper helper(socket_, [](FakeConversation&) {});
    expect(run({"ping"}), 99, "closed the connection without a helper's greeting");
}

TEST_F(CtlErrors, ClosedInTheGreeting) {
    FakeHelper helper(socket_, [](FakeConversation& client) { client.send({0, 0}); });
    expect(run({"ping"}), 99, "closed the connection without a helper's greeting");
}

TEST_F(CtlErrors, ClosedBeforeTheReply) {
    FakeHelper helper(socket_, [](FakeConversation& client) {
        client.greet();
        client.read_request();
    });
    expect(read_keys(), 99, "closed the connection after 0 of 104 bytes of the reply");
}

TEST_F(CtlErrors, AShortReply) {
    FakeHelper helper(socket_, [](FakeConversation& client) {
        client.greet();
        client.read_request();
        client.send(Bytes(50));
    });
    expect(read_keys(), 99, "after 50 of 104 bytes of the reply");
}

TEST_F(CtlErrors, ShortData) {
    FakeHelper helper(socket_, [](FakeConversation& client) {
        client.greet();
        client.read_request();
        Bytes bytes(104 + 8);
        bytes[7] = 16;
        client.send(bytes);
    });
    expect(read_keys(), 99, "after 8 of 16 bytes of the data");
}

TEST_F(CtlErrors, AReplyThatDoesNotCome) {
    FakeHelper helper(socket_, [](FakeConversation& client) {
        client.greet();
        client.wait_for_end();
    });
    expect(read_keys(1), 33, "no reply from the helper within 1 s; the command may have been carried out");
}

TEST_F(CtlErrors, AReplyThatDripsDoesNotOutliveTheTimeout) {
    FakeHelper helper(socket_, [](FakeConversation& client) {
        client.greet();
        client.read_request();
        constexpr int kReply = 104;  // it is never whole
        for (int i = 1; i < kReply && client.send({0}); ++i) ::usleep(100000);
    });
    expect(read_keys(1), 33, "no reply from the helper within 1 s");
}

TEST_F(CtlErrors, MoreDataThanAskedFor) {
    Answering answering(0, Bytes(8193));
    FakeHelper helper(socket_, answering.script());
    expect(read_keys(), 97, "breaks the protocol: it sent more data than the request allowed");
}

TEST_F(CtlErrors, ANegativeLength) {
    FakeHelper helper(socket_, [](FakeConversation& client) {
        client.greet();
        client.read_request();
        Bytes bytes(104);
        bytes[4] = bytes[5] = bytes[6] = bytes[7] = 0xFF;
        client.send(bytes);
    });
    expect(read_keys(), 97, "more data than the request allowed");
}

TEST_F(CtlErrors, DataWithAConflict) {
    Answering answering(0x18, Bytes(8));
    FakeHelper helper(socket_, answering.script());
    expect(read_keys(), 97, "data where none belong");
}

TEST_F(CtlErrors, DataForPersistentReserveOut) {
    Answering answering(0, Bytes(8));
    FakeHelper helper(socket_, answering.script());
    expect(reserve(), 97, "data where none belong");
}

TEST_F(CtlErrors, AStatusThatIsNone) {
    Answering answering(0x102);
    FakeHelper helper(socket_, answering.script());
    expect(reserve(), 97, "a status that is not a SCSI status");
}

TEST_F(CtlErrors, AnAnswerWithoutAHeader) {
    Answering answering(0, Bytes(7));
    FakeHelper helper(socket_, answering.script());
    expect(read_keys(), 97, "READ KEYS with 7 bytes, which is not even a header");
}

TEST_F(CtlErrors, EveryStatusHasItsExitCode) {
    const std::pair<std::uint32_t, int> expected[] = {{0x08, 26}, {0x18, 24}, {0x28, 27},
                                                      {0x30, 28}, {0x40, 29}, {0x22, 99}};
    for (const auto& [status, exit_code] : expected) {
        Answering answering(status);
        FakeHelper helper(socket_, answering.script());
        EXPECT_EQ(reserve().exit_code, exit_code) << status;
        ::unlink(socket_.c_str());
    }
}

TEST_F(CtlErrors, SenseDataAreShown) {
    Answering answering(0x02, {}, Bytes(std::begin(kInvalidFieldInCdb), std::end(kInvalidFieldInCdb)));
    FakeHelper helper(socket_, answering.script());
    expect(reserve(), 5, "CHECK CONDITION: ILLEGAL REQUEST, INVALID FIELD IN CDB (5/24/00)");
}

TEST_F(CtlErrors, ADeviceThatCannotBeOpened) {
    Answering answering(0);
    FakeHelper helper(socket_, answering.script());
    expect(run({"read-keys", directory_ / "missing"}), 15, "cannot open '" + directory_ / "missing" + "'");
    expect(run({"reserve", "-K1", "-T5", directory_.path()}), 15, "for reading and writing: Is a directory");
    EXPECT_TRUE(answering.requests().empty());
}

TEST_F(CtlErrors, StandardOutputThatIsFull) {
    Answering answering(0, Bytes(8));
    FakeHelper helper(socket_, answering.script());
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ProcessOptions options;
    options.descriptors = {{full, STDOUT_FILENO}};
    Process process({built("prhelperctl"), "read-keys", "--socket=" + socket_, disk_}, options);
    EXPECT_EQ(process.wait(), 15);
    EXPECT_NE(process.err().find("cannot write to standard output"), std::string::npos);
    ::close(full);
}

TEST_F(CtlErrors, JsonSaysItAll) {
    for (const auto& [words, exit_code] : std::vector<std::pair<std::vector<std::string>, int>>{
             {{"ping", "--json"}, 52},
             {{"nonsense", "--json"}, 1},
             {{"read-keys", "--json", directory_ / "no"}, 15},
             {{"reserve", "--json", "-Kzz", "x"}, 1}}) {
        const CtlRun result = run(words);
        EXPECT_EQ(result.exit_code, exit_code);
        EXPECT_EQ(result.err, "");
        const auto json = nlohmann::json::parse(result.out);
        EXPECT_EQ(json["exit_code"], exit_code);
        EXPECT_FALSE(json["error"].get<std::string>().empty());
    }
}

}  // namespace
}  // namespace prh::test
